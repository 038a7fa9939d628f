using Realtime.Contracts;

namespace Realtime.Web.Live;

/// <summary>What the charts draw: five minutes, one value a second, of everything together. NaN where nothing was heard: a chart shows a gap, not a zero.</summary>
sealed class LoadHistory
{
    public const int Length = 300;

    readonly Lock _gate = new();
    readonly Queue<LoadPoint> _points = new(Length);
    Dictionary<string, ReplicaReport> _before = new(StringComparer.Ordinal);

    public IReadOnlyList<LoadPoint> Points
    {
        get
        {
            lock (_gate)
                return [.. _points];
        }
    }

    public void Add(DateTimeOffset at, IReadOnlyList<ReplicaState> replicas, IReadOnlyList<NodeInfo> nodes)
    {
        var heard = replicas.Where(static one => one is { Problem: null, Report: not null }).Select(static one => one.Report!).ToList();
        var live = nodes.Where(static node => node.State != "lost").ToList();
        lock (_gate)
        {
            _points.Enqueue(heard.Count == 0 ? LoadPoint.Nothing(at) : new LoadPoint(
                at,
                heard.Sum(static one => one.Connections),
                heard.Sum(one => Rate(one, static report => report.Messages)),
                heard.Sum(one => Rate(one, static report => report.Calls + report.Rejected)),
                live.Sum(static node => (double)node.PacketsInPerSecond),
                live.Sum(static node => (double)node.PacketsOutPerSecond),
                heard.Sum(static one => one.CpuPercent),
                live.Sum(static node => node.CpuPercent),
                heard.Sum(static one => one.Process.WorkingSet / 1048576.0),
                heard.Max(static one => one.Latency.P50),
                heard.Max(static one => one.Latency.P95),
                heard.Max(static one => one.Latency.P99)));
            while (_points.Count > Length)
                _points.Dequeue();
            _before = heard.ToDictionary(static one => one.Boot, StringComparer.Ordinal);
        }
    }

    /// <summary>Per second, since the report before of the same process.</summary>
    double Rate(ReplicaReport now, Func<ReplicaReport, long> count) =>
        _before.TryGetValue(now.Boot, out var before) && now.At > before.At ? (count(now) - count(before)) / (now.At - before.At).TotalSeconds : 0;
}

/// <summary>One second. Percentiles are of the slowest replica; memory in MB, of signaling.</summary>
sealed record LoadPoint(
    DateTimeOffset At, double Connections, double Messages, double Calls, double PacketsIn, double PacketsOut, double SignalingCpu, double MediaCpu, double Memory, double P50, double P95, double P99)
{
    public static LoadPoint Nothing(DateTimeOffset at) =>
        new(at, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
}
