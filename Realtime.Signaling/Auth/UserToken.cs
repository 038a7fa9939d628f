using Realtime.Contracts;

namespace Realtime.Signaling.Auth;

/// <summary>What a verified token says.</summary>
/// <param name="Key">The key of ours that signed it; null when an external issuer did.</param>
/// <param name="Id">The <c>jti</c>; empty when its signer gave it none (then only its user can be revoked).</param>
public sealed record UserToken(string Id, string User, string Name, Grants Grants, DateTimeOffset IssuedAt, DateTimeOffset Expires, string? Key = null);
