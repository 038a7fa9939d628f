namespace Realtime.Bench.Load;

/// <summary>Latencies in steps of 10 µs up to 400 ms; what is longer counts as that.</summary>
sealed class LatencyHistogram
{
    const int StepNanoseconds = 10_000;
    const int Steps = 40_000;

    readonly long[] counts = new long[Steps + 1];

    public long Count { get; private set; }

    public void Add(long nanoseconds)
    {
        counts[Math.Clamp(nanoseconds / StepNanoseconds, 0, Steps)]++;
        Count++;
    }

    public void Clear()
    {
        Array.Clear(counts);
        Count = 0;
    }

    /// <summary>Milliseconds; null when nothing was measured.</summary>
    public double? Percentile(double fraction)
    {
        if (Count == 0) return null;
        var rank = (long)Math.Ceiling(fraction * Count);
        long sum = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i];
            if (sum >= rank) return Math.Round((i + 1) * (StepNanoseconds / 1e6), 3);
        }

        return Steps * (StepNanoseconds / 1e6);
    }
}
