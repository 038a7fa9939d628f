using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace Realtime.Signaling.Auth;

/// <summary>One public key of an issuer (RFC 7517): RSA of 2048 to 8192 bits for RS256, or P-256 for ES256. Never disposed before nobody can use it: the finalizer does.</summary>
public sealed class IssuerKey
{
    const int MinRsaBits = 2048;
    const int MaxRsaBits = 8192;

    readonly RSA? _rsa;
    readonly ECDsa? _ecdsa;
    readonly Lock _gate = new();

    IssuerKey(string id, RSA? rsa, ECDsa? ecdsa) => (Id, _rsa, _ecdsa) = (id, rsa, ecdsa);

    public string Id { get; }

    /// <summary>The one algorithm this key is for.</summary>
    public string Algorithm => _rsa is null ? IssuerJwt.Es256 : IssuerJwt.Rs256;

    public bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        // The platform's key objects promise nothing about threads.
        lock (_gate)
        {
            return _rsa is not null
                ? signature.Length == (_rsa.KeySize + 7) / 8 && _rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : signature.Length == 64 && _ecdsa!.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <summary>False: a key of another kind, for another use, without an id, or of a size that is no good.</summary>
    public static bool TryRead(JsonElement jwk, [NotNullWhen(true)] out IssuerKey? key)
    {
        key = null;
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "kid") is not { Length: > 0 and <= 256 } id || Text(jwk, "use") is not (null or "sig"))
            return false;
        try
        {
            var algorithm = Text(jwk, "alg");
            if (Text(jwk, "kty") == "RSA" && algorithm is null or IssuerJwt.Rs256 && Bytes(jwk, "n") is { } modulus && Bytes(jwk, "e") is { } exponent
                && modulus.Length * 8 is >= MinRsaBits and <= MaxRsaBits)
            {
                key = new IssuerKey(id, RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent }), null);
            }
            else if (Text(jwk, "kty") == "EC" && algorithm is null or IssuerJwt.Es256 && Text(jwk, "crv") == "P-256" && Bytes(jwk, "x") is { Length: 32 } x && Bytes(jwk, "y") is { Length: 32 } y)
            {
                key = new IssuerKey(id, null, ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } }));
            }
        }
        catch (CryptographicException)
        {
            // No point of the curve, no such modulus.
            return false;
        }
        return key is not null;
    }

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static byte[]? Bytes(JsonElement json, string name) => Text(json, name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
