using System.Runtime.InteropServices;

namespace Realtime.Media.Isolation;

/// <summary>
/// A media thread before all others of the machine when both want a core: it works microseconds at a time, and late is lost. .NET's thread priorities do nothing on Linux; a
/// nice value of its own needs CAP_SYS_NICE or a limit that allows it (<c>LimitNICE=</c>, <c>ulimit -e</c>). Without, the thread is one among others, which is no fault.
/// </summary>
static partial class ThreadUrgency
{
    const int OfThread = 0;
    const int CallingThread = 0;

    /// <summary>As audio servers run: about nine times the share of an ordinary thread.</summary>
    const int Nice = -10;

    /// <summary>False: the system does not let us.</summary>
    public static bool TryRaise() => OperatingSystem.IsLinux() && SetPriority(OfThread, CallingThread, Nice) == 0;

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, int who, int priority);
}
