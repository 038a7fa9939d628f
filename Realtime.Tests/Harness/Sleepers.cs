using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Realtime.Tests.Harness;

/// <summary>
/// Wakes stopped processes when this one dies, however it dies: who is stopped cannot notice that whoever started it is gone, and would stand there for ever. Each guard is a shell that
/// waits for the end of its input, which ends with us.
/// </summary>
static class Sleepers
{
    static readonly ConcurrentDictionary<IReadOnlyList<int>, Process> s_guards = new(ReferenceEqualityComparer.Instance);

    /// <summary>To be called before they are stopped.</summary>
    public static void Guard(IReadOnlyList<int> pids)
    {
        var start = new ProcessStartInfo("sh", ["-c", "read -r _; kill -CONT \"$@\" 2>/dev/null", "sleepers", .. pids.Select(static pid => pid.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardInput = true,
        };
        // Not by Forker: its children die with us.
        s_guards[pids] = Process.Start(start)!;
    }

    /// <summary>They are awake.</summary>
    public static void Release(IReadOnlyList<int> pids)
    {
        if (!s_guards.TryRemove(pids, out var guard))
            return;
        guard.StandardInput.Close();
        guard.WaitForExit();
        guard.Dispose();
    }
}
