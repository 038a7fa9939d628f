using Realtime.Contracts;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// How long calls took within the last 10 to 20 s: two windows that take turns, each a row of counters with four steps to the octave, from 62.5 µs to 8 min. Lock-free on the way in;
/// a percentile is at most a fifth too high.
/// </summary>
public sealed class LatencyWindow(TimeProvider time)
{
    const int StepsPerOctave = 4;
    const int Octaves = 23;
    const double SmallestMs = 0.0625;

    static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    readonly Lock _turning = new();
    long[] _current = new long[StepsPerOctave * Octaves];
    long[] _before = new long[StepsPerOctave * Octaves];
    long _since = time.GetTimestamp();

    public void Add(TimeSpan took)
    {
        Turn();
        var step = took.TotalMilliseconds <= SmallestMs ? 0 : (int)Math.Ceiling(Math.Log2(took.TotalMilliseconds / SmallestMs) * StepsPerOctave);
        Interlocked.Increment(ref Volatile.Read(ref _current)[Math.Min(step, (StepsPerOctave * Octaves) - 1)]);
    }

    public LatencySummary Read()
    {
        Turn();
        var (current, before) = (Volatile.Read(ref _current), Volatile.Read(ref _before));
        var counts = new long[StepsPerOctave * Octaves];
        for (var i = 0; i < counts.Length; i++)
            counts[i] = Volatile.Read(ref current[i]) + Volatile.Read(ref before[i]);
        var total = counts.Sum();
        return new LatencySummary(total, At(counts, total, 0.5), At(counts, total, 0.95), At(counts, total, 0.99));
    }

    static double At(long[] counts, long total, double share)
    {
        var wanted = (long)Math.Ceiling(total * share);
        if (wanted == 0)
            return 0;
        var seen = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= wanted)
                return Math.Round(SmallestMs * Math.Pow(2, i / (double)StepsPerOctave), 2);
        }
        return 0;
    }

    void Turn()
    {
        if (time.GetElapsedTime(Volatile.Read(ref _since)) < Window)
            return;
        lock (_turning)
        {
            var elapsed = time.GetElapsedTime(_since);
            if (elapsed < Window)
                return;
            // Nothing for two windows: what the last one holds is too old as well.
            _before = elapsed < 2 * Window ? _current : new long[StepsPerOctave * Octaves];
            _current = new long[StepsPerOctave * Octaves];
            Volatile.Write(ref _since, time.GetTimestamp());
        }
    }
}
