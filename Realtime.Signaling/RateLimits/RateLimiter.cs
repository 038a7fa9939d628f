using System.Collections.Concurrent;

namespace Realtime.Signaling.RateLimits;

/// <summary>
/// The states of all keys of one limit, local to this node. Thread-safe. Bounded by <see cref="MaxKeys"/>: when full, keys that are back at rest are dropped; when
/// none is, new keys are refused for a second (an attack with many keys must not switch the limit off).
/// </summary>
public sealed class RateLimiter(RateLimit limit)
{
    public const int MaxKeys = 100_000;

    static readonly TimeSpan FullRetryAfter = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, long> _arrivals = new(StringComparer.Ordinal);
    long _sweptAt;

    public RateLimit Limit => limit;

    public int Keys => _arrivals.Count;

    /// <returns>False: refused; come back after <paramref name="retryAfter"/>.</returns>
    public bool TryAdmit(string key, DateTimeOffset now, out TimeSpan retryAfter)
    {
        while (true)
        {
            var known = _arrivals.TryGetValue(key, out var arrival);
            if (!known && _arrivals.Count >= MaxKeys && !MadeRoom(now))
            {
                retryAfter = FullRetryAfter;
                return false;
            }
            if (Gcra.Admit(arrival, limit, now, out retryAfter) is not { } next)
                return false;
            if (known ? _arrivals.TryUpdate(key, next, arrival) : _arrivals.TryAdd(key, next))
                return true;
        }
    }

    /// <summary>Drops the keys that are back at rest (design §4: every 10 minutes).</summary>
    /// <returns>How many.</returns>
    public int Sweep(DateTimeOffset now)
    {
        var dropped = 0;
        foreach (var (key, arrival) in _arrivals)
        {
            if (arrival <= now.UtcTicks && _arrivals.TryRemove(new(key, arrival)))
                dropped++;
        }
        return dropped;
    }

    bool MadeRoom(DateTimeOffset now)
    {
        // At most one sweep a second, whoever comes first: a full map must not make every call pay for it.
        var last = Interlocked.Read(ref _sweptAt);
        if (now.UtcTicks - last < TimeSpan.TicksPerSecond || Interlocked.CompareExchange(ref _sweptAt, now.UtcTicks, last) != last)
            return _arrivals.Count < MaxKeys;
        Sweep(now);
        return _arrivals.Count < MaxKeys;
    }
}
