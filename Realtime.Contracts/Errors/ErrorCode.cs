namespace Realtime.Contracts;

/// <summary>Every error code a caller can receive (contract: Errors). Strings, because they are the wire.</summary>
public static class ErrorCode
{
    /// <summary>The request is malformed or breaks a rule; <c>field</c> names the culprit. Do not retry unchanged.</summary>
    public const string Invalid = "invalid";
    /// <summary>Well-formed, but not what this server does (WHIP, WHEP: an offer without a common codec). Do not retry unchanged.</summary>
    public const string Unsupported = "unsupported";
    public const string TooLarge = "tooLarge";
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string NotFound = "notFound";
    /// <summary>The state moved on (a stale epoch, a second negotiation in flight). Read again, then retry.</summary>
    public const string Conflict = "conflict";
    /// <summary>Over a limit; <c>retryAfterMs</c> says when to come back.</summary>
    public const string RateLimited = "rateLimited";
    /// <summary>A dependency is down; nothing was done. Retry after <c>retryAfterMs</c>.</summary>
    public const string Unavailable = "unavailable";
    /// <summary>Refused by the operating mode; nothing was done. Retry after <c>retryAfterMs</c>.</summary>
    public const string Degraded = "degraded";
    /// <summary>It may or may not have been done; safe to retry with the same id.</summary>
    public const string UnknownOutcome = "unknownOutcome";
    /// <summary>Our fault; <c>incident</c> names the crash report.</summary>
    public const string Internal = "internal";
}
