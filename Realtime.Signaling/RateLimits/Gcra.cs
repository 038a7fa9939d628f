namespace Realtime.Signaling.RateLimits;

/// <summary>A limit: so many permits at once, and as many again per window, evenly.</summary>
/// <param name="Scope">The name a refused caller is told.</param>
public sealed record RateLimit(string Scope, int Permits, TimeSpan Window, int? Burst = null)
{
    /// <summary>Ticks after which one permit is back.</summary>
    public long TicksPerPermit => Math.Max(1, Window.Ticks / Permits);

    /// <summary>How far ahead of time a caller may be.</summary>
    public long Tolerance => TicksPerPermit * (Burst ?? Permits);
}

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371, as virtual scheduling): one number per key, the theoretical arrival time of the next
/// conforming call. Equivalent to a token bucket, without anything to refill.
/// </summary>
public static class Gcra
{
    /// <param name="arrival">The key's state in ticks; 0 for a new key.</param>
    /// <param name="retryAfter">When the call is refused: how long until one is allowed.</param>
    /// <returns>The new state; null when refused (the state stays).</returns>
    public static long? Admit(long arrival, RateLimit limit, DateTimeOffset now, out TimeSpan retryAfter)
    {
        var due = Math.Max(arrival, now.UtcTicks) + limit.TicksPerPermit;
        var early = due - now.UtcTicks - limit.Tolerance;
        retryAfter = TimeSpan.FromTicks(Math.Max(0, early));
        return early > 0 ? null : due;
    }
}
