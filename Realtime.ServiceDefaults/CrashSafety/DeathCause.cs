using System.Globalization;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Why a run that left its marker behind may have died, from what can be known afterwards: what it did last, whether the kernel has killed for memory since, and what whoever started this
/// run says about the end of the one before (<see cref="LastExitVariable"/>).
/// </summary>
static class DeathCause
{
    /// <summary>The exit code of the run before, set by what restarts us; above 128 a signal.</summary>
    public const string LastExitVariable = "RUNNER_LAST_EXIT";

    /// <summary>The process id of the run before, set beside it: which death the exit code is about.</summary>
    public const string LastProcessVariable = "RUNNER_LAST_PROCESS";

    const string MemoryEvents = "/sys/fs/cgroup/memory.events";
    const int SignalBase = 128;

    static readonly Dictionary<int, string> s_signals = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [4] = "SIGILL",
        [6] = "SIGABRT: the runtime ended it, or a failed assertion in native code",
        [7] = "SIGBUS",
        [8] = "SIGFPE",
        [9] = "SIGKILL: kill -9, or the kernel for want of memory",
        [11] = "SIGSEGV: a fault in native code",
        [15] = "SIGTERM",
    };

    /// <summary>A sentence each, the surest first; one that says that nothing is known when nothing is.</summary>
    /// <param name="oomKills">The kernel's count of processes of this container killed for memory, now; null where it keeps none.</param>
    /// <param name="lastExit">As <see cref="LastExitVariable"/> says, when it is about this very run.</param>
    public static string Explain(RunIdentity identity, RunTail? tail, long? oomKills, string? lastExit)
    {
        var causes = new List<string>();
        var last = tail?.Actions ?? [];
        if (last.LastOrDefault(static entry => entry is { Component: "process", Action: "crash" }) is { Detail: { } incident })
            causes.Add($"An exception nobody caught ended it: incident {incident}.");
        if (oomKills > identity.OomKills)
            causes.Add("The kernel has killed for want of memory in this container since it started.");
        if (lastExit is not null && int.TryParse(lastExit, NumberStyles.Integer, CultureInfo.InvariantCulture, out var code))
            causes.Add(code > SignalBase && s_signals.TryGetValue(code - SignalBase, out var signal) ? $"It was ended by {signal}." : $"Its exit code was {code}.");
        if (last.Any(static entry => entry is { Component: "host", Action: "stopping" }))
            causes.Add("It had been asked to stop and did not get to its end.");
        return causes.Count > 0 ? string.Join(' ', causes) : "Nothing tells why: kill -9, want of memory or a fault in native code look like this.";
    }

    /// <summary>Null where the kernel does not tell.</summary>
    public static long? OomKills()
    {
        if (!File.Exists(MemoryEvents))
            return null;
        foreach (var line in File.ReadLines(MemoryEvents))
        {
            if (line.StartsWith("oom_kill ", StringComparison.Ordinal) && long.TryParse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture, out var count))
                return count;
        }
        return null;
    }
}
