using System.Globalization;

namespace Aspire.Hosting.Runner;

/// <summary>
/// The processes of this run, on disk, for the one case the kernel does not cover (a runner that died between fork and the death
/// signal's setting): the next run ends what is left. A process is known by id and start time, so a reused id is never hit.
/// </summary>
internal sealed class ChildLedger(string path)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, string> _children = [];

    public void Add(int pid, string name)
    {
        lock (_lock)
        {
            if (StartTime(pid) is { } started)
                _children[pid] = $"{pid} {started} {name}";
            Save();
        }
    }

    public void Remove(int pid)
    {
        lock (_lock)
        {
            if (_children.Remove(pid))
                Save();
        }
    }

    /// <returns>The names of the leftover processes that were killed.</returns>
    public IReadOnlyList<string> KillLeftovers()
    {
        if (!File.Exists(path))
            return [];
        var killed = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            if (line.Split(' ', 3) is [var pidText, var started, var name] && int.TryParse(pidText, out var pid) && StartTime(pid) == started)
            {
                ChildProcess.Signal(PosixSignalNumber.Kill, pid);
                killed.Add($"{name} (process {pid})");
            }
        }

        File.Delete(path);
        return killed;
    }

    /// <summary>The start time in clock ticks since boot (field 22 of <c>/proc/pid/stat</c>), or null when there is no such process.</summary>
    internal static string? StartTime(int pid)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat");
        try
        {
            // The second field is the name in parentheses and may hold blanks.
            var stat = File.ReadAllText(file);
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Save() => File.WriteAllLines(path, _children.Values);
}
