using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Whether something may happen now: by this node's own count first, then, where a limit is shared, by that of all nodes. Without Redis each node allows its share
/// (a call costs as many permits as there are nodes): stricter, never off.
/// </summary>
public sealed class LimitGate(Limits limits, RedisLimits cluster, ReplicaStore replicas, TimeProvider time)
{
    /// <param name="limit">One of <see cref="LimitName"/>.</param>
    /// <param name="key">The user, connection or address that is counted.</param>
    /// <exception cref="RealtimeException"><c>rateLimited</c>, with scope and when to come back.</exception>
    public async ValueTask AdmitAsync(string limit, string key, long permits = 1)
    {
        if (await TryAdmitAsync(limit, key, permits) is { } wait)
            throw Refusal(limit, wait);
    }

    /// <returns>Null: admitted. Otherwise when to come back.</returns>
    public ValueTask<TimeSpan?> TryAdmitAsync(string limit, string key, long permits = 1)
    {
        var limiter = limits[limit];
        var now = time.GetUtcNow();
        // Alone, this node's count is everybody's.
        if (!limiter.Limit.Shared || replicas.Live == 1)
            return new(limiter.TryAdmit(key, now, permits, out var wait) ? null : wait);
        if (cluster.IsAway)
            return new(limiter.TryAdmit(key, now, Share(limiter.Limit, permits), out var wait) ? null : wait);
        return limiter.TryAdmit(key, now, permits, out var locally) ? AskAsync(limiter, key, permits) : new(locally);
    }

    public static RealtimeException Refusal(string limit, TimeSpan wait) => new(new(
        ErrorCode.RateLimited, "Too many of these; slow down.", RetryAfterMs: (int)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, int.MaxValue), Scope: limit));

    /// <summary>This node has counted it already.</summary>
    async ValueTask<TimeSpan?> AskAsync(RateLimiter limiter, string key, long permits)
    {
        if (await cluster.AskAsync(limiter.Limit, key, permits) is { } answer)
        {
            if (answer == TimeSpan.Zero)
                return null;
            limiter.Return(key, permits);
            limiter.CountRefusal();
            return answer;
        }
        var more = Share(limiter.Limit, permits) - permits;
        if (more <= 0 || limiter.TryAdmit(key, time.GetUtcNow(), more, out var wait))
            return null;
        limiter.Return(key, permits);
        return wait;
    }

    /// <summary>What a call costs while nobody adds up. Never more than the whole limit: then nothing would be allowed at all.</summary>
    long Share(RateLimit limit, long permits) => Math.Max(permits, Math.Min(limit.AtOnce, permits * Math.Max(1, replicas.Live)));
}
