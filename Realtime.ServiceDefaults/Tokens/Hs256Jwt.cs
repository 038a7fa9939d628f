using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Tokens;

/// <summary>
/// Compact JWS with HS256 and nothing else (RFC 7515, 7518 §3.2, 7519): the algorithm is pinned, <c>exp</c> is required, size is checked
/// before parsing and the signature before the claims are read, in constant time. Refusals are a <see cref="JwtFailure"/>, never an exception.
/// </summary>
public static class Hs256Jwt
{
    /// <summary>Characters of a token; longer ones are refused unread.</summary>
    public const int MaxTokenLength = 8 * 1024;

    /// <summary>How far clocks may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>RFC 7518 §3.2: a key of the hash's size at least.</summary>
    public const int MinSecretLength = 32;

    static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>32 bytes in base64url.</summary>
    const int SignatureLength = 43;

    /// <param name="keyId">The <c>kid</c> header; null leaves it out.</param>
    /// <param name="claims">Must hold a numeric <c>exp</c> (seconds since 1970).</param>
    public static string Sign(string? keyId, ReadOnlySpan<byte> secret, JsonObject claims)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinSecretLength, nameof(secret));
        if (claims["exp"] is not JsonValue expiry || expiry.GetValueKind() != JsonValueKind.Number)
            throw new ArgumentException("The claims hold no numeric exp.", nameof(claims));
        var header = new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" };
        if (keyId is not null)
            header["kid"] = keyId;
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Reads <c>kid</c> from a token nobody has verified yet, to find the candidate secrets. False: the token is malformed or not HS256.</summary>
    public static bool TryReadKeyId(string token, out string? keyId)
    {
        keyId = null;
        if (token.Length > MaxTokenLength || token.IndexOf('.') is var dot && dot <= 0 || ReadObject(token.AsSpan(0, dot)) is not { } header)
            return false;
        using (header)
            return CheckHeader(header.RootElement, out keyId) == JwtFailure.None;
    }

    /// <summary>Verifies a token against each candidate secret in turn (two while a key rotates).</summary>
    /// <param name="claims">The payload, when the result is <see cref="JwtFailure.None"/>.</param>
    /// <param name="audience">Not null: must be in <c>aud</c>.</param>
    /// <param name="issuer">Not null: must equal <c>iss</c>.</param>
    public static JwtFailure Verify(
        string token, ReadOnlySpan<byte[]> secrets, DateTimeOffset now, out JsonElement claims, string? audience = null, string? issuer = null)
    {
        claims = default;
        if (token.Length > MaxTokenLength)
            return JwtFailure.TooLarge;
        var first = token.IndexOf('.');
        var second = first < 0 ? -1 : token.IndexOf('.', first + 1);
        if (second < 0 || token.IndexOf('.', second + 1) >= 0)
            return JwtFailure.Malformed;

        using var header = ReadObject(token.AsSpan(0, first));
        if (header is null)
            return JwtFailure.Malformed;
        if (CheckHeader(header.RootElement, out _) is var bad and not JwtFailure.None)
            return bad;
        if (!SignatureMatches(token.AsSpan(0, second), token.AsSpan(second + 1), secrets))
            return JwtFailure.Signature;

        using var payload = ReadObject(token.AsSpan(first + 1, second - first - 1));
        if (payload is null)
            return JwtFailure.Malformed;
        var failure = CheckClaims(payload.RootElement, now, audience, issuer);
        if (failure == JwtFailure.None)
            claims = payload.RootElement.Clone();
        return failure;
    }

    static JwtFailure CheckHeader(JsonElement header, out string? keyId)
    {
        keyId = null;
        if (!header.TryGetProperty("alg", out var algorithm) || algorithm.ValueKind != JsonValueKind.String || !algorithm.ValueEquals("HS256"))
            return JwtFailure.Algorithm;
        // RFC 7515 §4.1.11: extensions marked critical that are not understood make the token invalid; none is understood here.
        if (header.TryGetProperty("crit", out _))
            return JwtFailure.Algorithm;
        if (!header.TryGetProperty("kid", out var kid))
            return JwtFailure.None;
        if (kid.ValueKind != JsonValueKind.String)
            return JwtFailure.Malformed;
        keyId = kid.GetString();
        return JwtFailure.None;
    }

    static bool SignatureMatches(ReadOnlySpan<char> signed, ReadOnlySpan<char> signature, ReadOnlySpan<byte[]> secrets)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature.Length != SignatureLength || signature.ContainsAnyExcept(Alphabet)
            || Base64Url.DecodeFromChars(signature, given, out _, out var length) != OperationStatus.Done || length != given.Length)
            return false;
        var bytes = new byte[signed.Length];
        if (Encoding.ASCII.GetBytes(signed, bytes) != signed.Length)
            return false;
        Span<byte> made = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var matches = false;
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(secret, bytes, made);
            matches |= CryptographicOperations.FixedTimeEquals(made, given);
        }
        return matches;
    }

    /// <summary>The claims every token has, whoever signed it.</summary>
    public static JwtFailure CheckClaims(JsonElement claims, DateTimeOffset now, string? audience, string? issuer)
    {
        var seconds = now.ToUnixTimeMilliseconds() / 1000.0;
        if (!claims.TryGetProperty("exp", out var exp) || !TryReadNumber(exp, out var expires))
            return JwtFailure.NoExpiry;
        if (seconds >= expires + ClockSkew.TotalSeconds)
            return JwtFailure.Expired;
        if (claims.TryGetProperty("nbf", out var nbf) && (!TryReadNumber(nbf, out var notBefore) || seconds < notBefore - ClockSkew.TotalSeconds))
            return JwtFailure.NotYetValid;
        if (issuer is not null && !(claims.TryGetProperty("iss", out var iss) && iss.ValueKind == JsonValueKind.String && iss.ValueEquals(issuer)))
            return JwtFailure.Issuer;
        if (audience is not null && !(claims.TryGetProperty("aud", out var aud) && Names(aud, audience)))
            return JwtFailure.Audience;
        return JwtFailure.None;
    }

    static bool Names(JsonElement aud, string audience) => aud.ValueKind switch
    {
        JsonValueKind.String => aud.ValueEquals(audience),
        JsonValueKind.Array => aud.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(audience)),
        _ => false,
    };

    static bool TryReadNumber(JsonElement element, out double number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out number) && double.IsFinite(number);
    }

    static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    /// <summary>Null: not base64url, or not one JSON object.</summary>
    static JsonDocument? ReadObject(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part.ContainsAnyExcept(Alphabet))
            return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        if (Base64Url.DecodeFromChars(part, bytes, out _, out var length) != OperationStatus.Done || !SafeJson.TryParse(bytes.AsMemory(0, length), out var document))
            return null;
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        return null;
    }
}
