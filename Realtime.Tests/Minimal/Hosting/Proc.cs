namespace Realtime.Tests.Minimal.Hosting;

/// <summary>The kernel's view of a process.</summary>
internal static class Proc
{
    /// <summary>False for an ended process, also while nobody has collected its exit code.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
