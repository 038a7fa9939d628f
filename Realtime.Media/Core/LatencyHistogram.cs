namespace Realtime.Media.Core;

/// <summary>
/// How long things took, in buckets a quarter of a power of two wide (a value is known to within a fifth), from 1 µs to more than an hour. Written by one thread, read by
/// any: each count for itself. Recording is a few instructions and allocates nothing.
/// </summary>
public sealed class LatencyHistogram
{
    const int PartsPerDouble = 4;
    const int Doubles = 32;

    readonly long[] counts = new long[PartsPerDouble * Doubles];

    public void Record(TimeSpan latency, long count = 1) => counts[BucketOf(latency.Ticks / TimeSpan.TicksPerMicrosecond)] += count;

    /// <summary>The counts so far, to be compared with later ones.</summary>
    public long[] Read() => (long[])counts.Clone();

    /// <summary>The value that <paramref name="fraction"/> of what was recorded between two readings does not exceed; zero when nothing was.</summary>
    public static TimeSpan Percentile(ReadOnlySpan<long> before, ReadOnlySpan<long> now, double fraction)
    {
        var total = 0L;
        for (var i = 0; i < now.Length; i++) total += now[i] - (i < before.Length ? before[i] : 0);
        if (total <= 0) return TimeSpan.Zero;
        var rank = Math.Max(1, (long)Math.Ceiling(total * fraction));
        for (var i = 0; i < now.Length; i++)
        {
            rank -= now[i] - (i < before.Length ? before[i] : 0);
            if (rank <= 0) return UpperBound(i);
        }

        return UpperBound(now.Length - 1);
    }

    static int BucketOf(long microseconds)
    {
        if (microseconds <= 1) return 0;
        var exponent = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)microseconds);
        // The two bits below the highest: which quarter of the octave.
        var part = exponent >= 2 ? (int)(microseconds >> (exponent - 2)) & 3 : (int)(microseconds << (2 - exponent)) & 3;
        return Math.Min((exponent * PartsPerDouble) + part, (PartsPerDouble * Doubles) - 1);
    }

    static TimeSpan UpperBound(int bucket)
    {
        var (exponent, part) = (bucket / PartsPerDouble, bucket % PartsPerDouble);
        return TimeSpan.FromMicroseconds(Math.ScaleB(1 + ((part + 1) / (double)PartsPerDouble), exponent));
    }
}
