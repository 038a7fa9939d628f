using System.Diagnostics.CodeAnalysis;
using Realtime.Contracts;

namespace Realtime.Signaling.Auth;

/// <summary>What came of a token. Without a token the error says whether it is worth coming back with it.</summary>
public readonly record struct TokenVerdict(UserToken? Token, RealtimeError Error)
{
    public static RealtimeError NotValid { get; } = new(ErrorCode.Unauthenticated, "A valid token is needed.");

    [MemberNotNullWhen(true, nameof(Token))]
    public bool IsValid => Token is not null;
}

/// <summary>Verifies user tokens of either kind: signed with one of our keys, or by the external issuer when <c>Auth:Authority</c> names one.</summary>
public sealed class TokenVerifier(UserTokens tokens, OidcIssuer issuer, Revocations revocations)
{
    public ValueTask<TokenVerdict> VerifyAsync(string token, CancellationToken cancellation)
    {
        if (tokens.TryVerify(token, out var ours))
            return new(new TokenVerdict(ours, TokenVerdict.NotValid));
        return issuer.IsConfigured && IssuerJwt.TryReadHeader(token, out var header) ? VerifyForeignAsync(token, header, cancellation) : new(new TokenVerdict(null, TokenVerdict.NotValid));
    }

    async ValueTask<TokenVerdict> VerifyForeignAsync(string token, IssuerJwtHeader header, CancellationToken cancellation)
    {
        var verdict = await issuer.VerifyAsync(token, header, cancellation);
        return verdict.Token is { } foreign && revocations.IsRevoked(foreign) ? new(null, TokenVerdict.NotValid) : verdict;
    }
}
