using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>
/// Proof that a client had a session: <c>r1.SESSION.EXPIRY.HMAC</c>, bound to the user, signed with a key that every replica derives, so that any of them accepts it without
/// asking anybody. It grants nothing by itself: the user's own token is checked as well.
/// </summary>
public sealed class ResumeTokens(KeyRing keys, IOptionsMonitor<AuthOptions> options, TimeProvider time)
{
    const string Version = "r1";
    const string Purpose = "realtime resume token 1";
    const int MaxLength = 256;

    public string Issue(string session, string user)
    {
        var expires = (time.GetUtcNow() + options.CurrentValue.ResumeTokenLifetime).ToUnixTimeSeconds();
        return $"{Version}.{session}.{expires}.{Base64Url.EncodeToString(Sign(keys.Derived(Purpose)[0], session, expires, user))}";
    }

    public bool TryVerify(string? token, string user, [NotNullWhen(true)] out string? session)
    {
        session = null;
        if (token is not { Length: <= MaxLength } || token.Split('.') is not [Version, var id, var expiry, var signature])
            return false;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (!long.TryParse(expiry, out var expires) || expires < time.GetUtcNow().ToUnixTimeSeconds()
            || !Base64Url.IsValid(signature, out var length) || length != given.Length || !Base64Url.TryDecodeFromChars(signature, given, out _))
            return false;
        var matches = false;
        foreach (var key in keys.Derived(Purpose))
            matches |= CryptographicOperations.FixedTimeEquals(given, Sign(key, id, expires, user));
        if (!matches)
            return false;
        session = id;
        return true;
    }

    static byte[] Sign(byte[] key, string session, long expires, string user) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{session}\n{expires}\n{user}"));
}
