using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Isolation;

namespace Realtime.Media.Control;

/// <summary>How long packets take through the node, between two samples and since the start, over all workers.</summary>
public sealed class ForwardingStatistics(WorkerFleet fleet)
{
    static readonly double[] Quantiles = [0.5, 0.99, 0.999];

    long[] sampled = [];

    /// <summary>Of the time between the last two samples; null while nothing was forwarded.</summary>
    public ForwardingLatency? Current { get; private set; }

    /// <summary>By one caller at a time.</summary>
    public ForwardingLatency? Sample()
    {
        var now = Read();
        Current = Of(sampled, now);
        sampled = now;
        return Current;
    }

    /// <summary>Since the start; null when nothing was ever forwarded.</summary>
    public static ForwardingLatency? Of(WorkerCounters counters) => Of([], counters.Latency.Read());

    long[] Read()
    {
        long[] sum = [];
        foreach (var worker in fleet.Workers)
        {
            var one = worker.Counters.Latency.Read();
            if (sum.Length == 0) sum = one;
            else for (var i = 0; i < sum.Length; i++) sum[i] += one[i];
        }

        return sum;
    }

    static ForwardingLatency? Of(long[] before, long[] now)
    {
        var values = Array.ConvertAll(Quantiles, quantile => LatencyHistogram.Percentile(before, now, quantile).TotalMilliseconds);
        return values[0] > 0 ? new ForwardingLatency(Math.Round(values[0], 3), Math.Round(values[1], 3), Math.Round(values[2], 3)) : null;
    }
}
