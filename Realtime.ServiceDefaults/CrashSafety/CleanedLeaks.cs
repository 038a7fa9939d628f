using System.Collections.Concurrent;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// What sweepers cleaned up that should have gone by itself: ghost presence, reaped sessions, stuck deliveries and commands, orphans. A figure that grows says that something is not told its
/// end. Names come from code; few of them.
/// </summary>
public static class CleanedLeaks
{
    static readonly ConcurrentDictionary<string, long> s_counts = new(StringComparer.Ordinal);

    public static long Total => s_counts.Values.Sum();

    public static IReadOnlyDictionary<string, long> ByKind => s_counts.ToDictionary(StringComparer.Ordinal);

    /// <param name="kind">What it was, in the plural: <c>deliveries</c>, <c>sessions</c>.</param>
    public static void Count(string kind, long count = 1)
    {
        if (count <= 0)
            return;
        s_counts.AddOrUpdate(kind, count, (_, before) => before + count);
        CrashSafetyMetrics.LeaksCleaned(kind, count);
    }
}
