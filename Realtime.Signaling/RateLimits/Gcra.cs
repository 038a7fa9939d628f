namespace Realtime.Signaling.RateLimits;

/// <summary>A limit: so many permits at once, and as many again per window, evenly.</summary>
/// <param name="Scope">The name a refused caller is told, one of <see cref="LimitName"/>.</param>
/// <param name="Shared">Counted over all nodes; otherwise each node counts for itself.</param>
public sealed record RateLimit(string Scope, long Permits, TimeSpan Window, long? Burst = null, LimitPer Per = LimitPer.User, bool Shared = false)
{
    /// <summary>Permits that may be taken at once.</summary>
    public long AtOnce => Burst ?? Permits;

    /// <summary>Ticks after which one permit is back.</summary>
    public long TicksPerPermit => Math.Max(1, Window.Ticks / Permits);

    /// <summary>How far ahead of time a caller may be.</summary>
    public long Tolerance => TicksPerPermit * AtOnce;
}

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371, as virtual scheduling): one number per key, the theoretical arrival time of the next
/// conforming call. Equivalent to a token bucket, without anything to refill.
/// </summary>
public static class Gcra
{
    /// <param name="arrival">The key's state in ticks; 0 for a new key.</param>
    /// <param name="permits">What the call costs; more than the limit allows at once is never admitted.</param>
    /// <param name="retryAfter">When the call is refused: how long until one is allowed.</param>
    /// <returns>The new state; null when refused (the state stays).</returns>
    public static long? Admit(long arrival, RateLimit limit, DateTimeOffset now, long permits, out TimeSpan retryAfter)
    {
        var due = Math.Max(arrival, now.UtcTicks) + (limit.TicksPerPermit * permits);
        var early = due - now.UtcTicks - limit.Tolerance;
        retryAfter = TimeSpan.FromTicks(Math.Max(0, early));
        return early > 0 ? null : due;
    }
}
