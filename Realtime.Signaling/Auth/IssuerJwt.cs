using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Signaling.Auth;

/// <summary>What a token says about its signature before it is verified.</summary>
public readonly record struct IssuerJwtHeader(string Algorithm, string KeyId);

/// <summary>
/// Compact JWS of an external issuer (RFC 7515, 7519): RS256 and ES256 and nothing else, each only with a key of its own kind, so that no public key is ever taken for a
/// shared secret. Input never throws.
/// </summary>
public static class IssuerJwt
{
    public const string Rs256 = "RS256";
    public const string Es256 = "ES256";

    const int MaxKeyIdLength = 256;

    /// <summary>False: malformed, another algorithm, a critical extension, or no key id.</summary>
    public static bool TryReadHeader(string token, out IssuerJwtHeader header)
    {
        header = default;
        if (token.Length > Hs256Jwt.MaxTokenLength || token.IndexOf('.') is var dot && dot <= 0 || !TryReadObject(token.AsSpan(0, dot), out var document))
            return false;
        using (document)
        {
            var root = document.RootElement;
            // RFC 7515 §4.1.11: extensions marked critical that are not understood make the token invalid; none is understood here.
            if (root.TryGetProperty("crit", out _) || Text(root, "alg") is not (Rs256 or Es256) || Text(root, "kid") is not { Length: > 0 and <= MaxKeyIdLength } keyId)
                return false;
            header = new IssuerJwtHeader(Text(root, "alg")!, keyId);
            return true;
        }
    }

    /// <param name="claims">The payload, when the signature, <c>exp</c>, <c>nbf</c>, <c>iss</c> and <c>aud</c> are right.</param>
    public static bool TryVerify(string token, IssuerKey key, string issuer, string audience, DateTimeOffset now, out JsonElement claims)
    {
        claims = default;
        var first = token.IndexOf('.');
        var second = first < 0 ? -1 : token.IndexOf('.', first + 1);
        if (token.Length > Hs256Jwt.MaxTokenLength || second < 0 || token.IndexOf('.', second + 1) >= 0)
            return false;
        var signature = token.AsSpan(second + 1);
        if (!Base64Url.IsValid(signature) || !key.Verifies(Encoding.UTF8.GetBytes(token[..second]), Base64Url.DecodeFromChars(signature)))
            return false;
        if (!TryReadObject(token.AsSpan(first + 1, second - first - 1), out var payload))
            return false;
        using (payload)
        {
            if (Hs256Jwt.CheckClaims(payload.RootElement, now, audience, issuer) != JwtFailure.None)
                return false;
            claims = payload.RootElement.Clone();
            return true;
        }
    }

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static bool TryReadObject(ReadOnlySpan<char> part, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        if (part.IsEmpty || !Base64Url.IsValid(part))
            return false;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        if (Base64Url.DecodeFromChars(part, bytes, out _, out var length) != OperationStatus.Done || !SafeJson.TryParse(bytes.AsMemory(0, length), out document))
            return false;
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return true;
        document.Dispose();
        document = null;
        return false;
    }
}
