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
    volatile RateLimit _limit = limit;
    long _sweptAt;
    long _refused;

    /// <summary>Can be changed while it works: what was taken stays taken.</summary>
    public RateLimit Limit
    {
        get => _limit;
        set => _limit = value;
    }

    public int Keys => _arrivals.Count;

    /// <summary>Since the start, for metrics.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public bool TryAdmit(string key, DateTimeOffset now, out TimeSpan retryAfter) => TryAdmit(key, now, 1, out retryAfter);

    /// <returns>False: refused; come back after <paramref name="retryAfter"/>.</returns>
    public bool TryAdmit(string key, DateTimeOffset now, long permits, out TimeSpan retryAfter)
    {
        if (TryTake(key, now, permits, out retryAfter))
            return true;
        CountRefusal();
        return false;
    }

    /// <summary>For who waits instead of being refused.</summary>
    /// <returns>False: not yet, <paramref name="wait"/> from now.</returns>
    public bool TryTake(string key, DateTimeOffset now, long permits, out TimeSpan wait)
    {
        while (true)
        {
            var known = _arrivals.TryGetValue(key, out var arrival);
            if (!known && _arrivals.Count >= MaxKeys && !MadeRoom(now))
            {
                wait = FullRetryAfter;
                return false;
            }
            if (Gcra.Admit(arrival, _limit, now, permits, out wait) is not { } next)
                return false;
            if (known ? _arrivals.TryUpdate(key, next, arrival) : _arrivals.TryAdd(key, next))
                return true;
        }
    }

    /// <summary>Takes what is there, all of it if need be: for what has happened already and only has to be paid for.</summary>
    /// <returns>False: there was less than that; the key has nothing left.</returns>
    public bool Charge(string key, DateTimeOffset now, long permits)
    {
        if (TryAdmit(key, now, permits, out _))
            return true;
        while (TryAdmit(key, now, 1, out _))
        {
            // At most as often as the limit allows at once.
        }
        return false;
    }

    /// <summary>Gives back what was taken for a call that was then refused elsewhere.</summary>
    public void Return(string key, long permits)
    {
        while (_arrivals.TryGetValue(key, out var arrival) && !_arrivals.TryUpdate(key, arrival - (_limit.TicksPerPermit * permits), arrival))
        {
            // Somebody else was faster: again with what is there now.
        }
    }

    /// <summary>Whose next call would be refused, those who wait longest first. Looks at every key: for operators, not for every call.</summary>
    public IReadOnlyList<(string Key, TimeSpan RetryAfter)> Exhausted(DateTimeOffset now, int most)
    {
        var limit = _limit;
        return [.. _arrivals.Select(pair => (pair.Key, Refused: Gcra.Admit(pair.Value, limit, now, 1, out var wait) is null, Wait: wait))
            .Where(static one => one.Refused).OrderByDescending(static one => one.Wait).Take(most).Select(static one => (one.Key, one.Wait))];
    }

    /// <summary>The key begins anew.</summary>
    /// <returns>False: it was at rest.</returns>
    public bool Forget(string key) => _arrivals.TryRemove(key, out _);

    /// <summary>A refusal by somebody else, for metrics.</summary>
    public void CountRefusal() => Interlocked.Increment(ref _refused);

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
