namespace Realtime.Contracts;

/// <summary>What a refused call answers: as the message of a HubException, as problem details over REST.</summary>
/// <param name="Code">One of <see cref="ErrorCode"/>.</param>
/// <param name="Field">The request member at fault, camelCase, when one is.</param>
/// <param name="RetryAfterMs">When a retry makes sense; absent when it does not.</param>
/// <param name="Incident">The id of the crash report, for <see cref="ErrorCode.Internal"/>.</param>
/// <param name="Scope">Which limit was hit, for <see cref="ErrorCode.RateLimited"/>.</param>
public sealed record RealtimeError(
    string Code,
    string Message,
    string? Field = null,
    int? RetryAfterMs = null,
    string? Incident = null,
    string? Scope = null);
