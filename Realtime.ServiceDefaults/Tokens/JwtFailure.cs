namespace Realtime.ServiceDefaults.Tokens;

/// <summary>Why a token was refused. For logs and counters; callers outside are only told <c>unauthenticated</c>.</summary>
public enum JwtFailure
{
    None,
    /// <summary>Longer than <see cref="Hs256Jwt.MaxTokenLength"/>; not looked at.</summary>
    TooLarge,
    /// <summary>Not three base64url parts of JSON objects.</summary>
    Malformed,
    /// <summary>Not HS256, or a critical header that is not understood.</summary>
    Algorithm,
    /// <summary>No candidate secret made this signature.</summary>
    Signature,
    /// <summary>No <c>exp</c>, or none that is a number.</summary>
    NoExpiry,
    Expired,
    NotYetValid,
    Audience,
    Issuer,
}
