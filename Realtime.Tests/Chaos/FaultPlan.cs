namespace Realtime.Tests.Chaos;

/// <summary>The faults of one run, all from its seed: what strikes when is known before it begins.</summary>
static class FaultPlan
{
    /// <summary>How long one thing stays broken (design: 1–15 s).</summary>
    const double ShortestSeconds = 1, LongestSeconds = 15;

    const double ShortestPause = 0.4, LongestPause = 3;

    /// <summary>Faults of an app whose dependencies can be reached only in the open: without proxies between.</summary>
    static readonly FaultType[] s_always =
    [
        FaultType.Kill, FaultType.Kill, FaultType.Freeze, FaultType.Freeze, FaultType.FreezeClients, FaultType.ResetClients, FaultType.ResetClients, FaultType.BlackHoleToClients,
        FaultType.BlackHoleToServer, FaultType.SlowClients, FaultType.TrickleClients, FaultType.FlushAll, FaultType.KillSubscriptions, FaultType.TerminateBackends, FaultType.Inject,
        FaultType.Inject,
    ];

    static readonly FaultType[] s_throughProxies = [FaultType.RedisLink, FaultType.RedisLink, FaultType.PostgresLink, FaultType.PostgresLink];

    public static IReadOnlyList<PlannedFault> Of(int seed, TimeSpan duration, bool proxies)
    {
        var random = new Random(seed);
        FaultType[] types = proxies ? [.. s_always, .. s_throughProxies] : s_always;
        var plan = new List<PlannedFault>
        {
            // Early, so that there is time to see them go.
            new(duration * 0.1 * random.NextDouble(), TimeSpan.Zero, FaultType.KillClients, random.Next(), random.Next()),
        };
        for (var at = TimeSpan.FromSeconds(random.NextDouble()); at < duration; at += TimeSpan.FromSeconds(Between(random, ShortestPause, LongestPause)))
        {
            var type = types[random.Next(types.Length)];
            // Short ones are more frequent, as in life.
            var lasts = TimeSpan.FromSeconds(ShortestSeconds + ((LongestSeconds - ShortestSeconds) * Math.Pow(random.NextDouble(), 2)));
            plan.Add(new PlannedFault(at, HappensOnce(type) ? TimeSpan.Zero : Min(lasts, duration - at), type, random.Next(), random.Next()));
        }
        return [.. plan.OrderBy(fault => fault.At)];
    }

    static bool HappensOnce(FaultType type) => type is FaultType.Kill or FaultType.KillClients or FaultType.ResetClients or FaultType.FlushAll or FaultType.KillSubscriptions or FaultType.TerminateBackends;

    static double Between(Random random, double least, double most) => least + ((most - least) * random.NextDouble());

    static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
