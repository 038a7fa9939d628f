using System.Diagnostics;
using static Realtime.Tests.Harness.Observation;

namespace Realtime.Tests.Harness;

/// <summary>
/// Judges a run after it has come to rest: every client caught up, nothing in flight (after jepsen.tests.kafka).
/// It knows nothing of how the server works, only what it promises (design §3, promises 1 to 3).
/// </summary>
public static partial class HistoryChecker
{
    /// <summary>After all faults are over (or its connection is back) a member has everything.</summary>
    public static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(5);

    /// <summary>… and has its connection.</summary>
    public static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(30);

    /// <summary>How long the dead may be listed.</summary>
    public static readonly TimeSpan GhostAtMost = TimeSpan.FromSeconds(30);

    /// <summary>What is written later than this after a ban must not reach the banned.</summary>
    public static readonly TimeSpan OutWithin = TimeSpan.FromSeconds(5);

    public static IReadOnlyList<Violation> Check(IReadOnlyList<Observation> history)
    {
        var violations = new List<Violation>();
        CheckAgreement(history, violations);
        CheckEachClient(history, violations);
        CheckDelivery(history, violations);
        CheckReads(history, violations);
        CheckRealTimeOrder(history, violations);
        CheckAuthorised(history, violations);
        CheckLists(history, violations);
        return violations;
    }

    internal static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>When the last fault was over; null in a run without any.</summary>
    static long? HealedAt(IReadOnlyList<Observation> history) => history.OfType<Healed>().LastOrDefault()?.At;

    static Dictionary<string, long> LastOnline(IReadOnlyList<Observation> history) =>
        history.OfType<CameOnline>().GroupBy(online => online.Client).ToDictionary(online => online.Key, online => online.Max(one => one.At));

    static Dictionary<string, long> Deaths(IReadOnlyList<Observation> history) =>
        history.OfType<Died>().GroupBy(died => died.Client).ToDictionary(died => died.Key, died => died.Min(one => one.At));
}
