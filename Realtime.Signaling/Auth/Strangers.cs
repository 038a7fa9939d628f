using Realtime.Contracts;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Auth;

/// <summary>
/// Requests without a valid token or key, counted per address: past the limit they are answered 429 instead of 401, and an address that goes on is kept out for a time.
/// Whoever shows a valid token is no stranger, whatever others behind the same address do.
/// </summary>
public sealed class Strangers(Limits limits, Quarantines quarantines, TimeProvider time)
{
    /// <summary>Refusals within a short time, beyond the limit, after which an address is kept out.</summary>
    const int Patience = 100;

    readonly RateLimiter _stubborn = new(new RateLimit("stubborn", Patience, TimeSpan.FromMinutes(1)));

    /// <summary>What this one is answered.</summary>
    public RealtimeError Refuse(HttpContext http, string message)
    {
        var address = ClientKey.Of(http.Connection.RemoteIpAddress);
        if (quarantines.Refuse(QuarantineKind.Address, address) is { } kept)
            return kept;
        var now = time.GetUtcNow();
        if (limits[LimitName.Strangers].TryAdmit(address, now, out var wait))
            return new(ErrorCode.Unauthenticated, message);
        if (!_stubborn.TryAdmit(address, now, out _))
            quarantines.Add(QuarantineKind.Address, address, "tokens that are not valid, again and again");
        return new(ErrorCode.RateLimited, "Too many requests without a valid token.", RetryAfterMs: Math.Max(1, (int)Math.Ceiling(wait.TotalMilliseconds)), Scope: LimitName.Strangers);
    }

    public void Sweep() => _stubborn.Sweep(time.GetUtcNow());
}
