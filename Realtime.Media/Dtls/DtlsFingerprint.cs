using System.Security.Cryptography;

namespace Realtime.Media.Dtls;

/// <summary>The SHA-256 digest of a certificate, by which an SDP binds itself to a DTLS connection (RFC 8122 §5).</summary>
public sealed class DtlsFingerprint
{
    public const string Algorithm = "sha-256";

    readonly byte[] digest;

    DtlsFingerprint(byte[] digest) => this.digest = digest;

    public static DtlsFingerprint Of(ReadOnlySpan<byte> certificateDer) => new(SHA256.HashData(certificateDer));

    /// <summary>Reads <c>a=fingerprint:</c>'s two parts. False unless sha-256 and 32 hexadecimal bytes between colons.</summary>
    public static bool TryRead(string algorithm, string value, out DtlsFingerprint? fingerprint)
    {
        fingerprint = null;
        const int length = (SHA256.HashSizeInBytes * 3) - 1;
        if (!algorithm.Equals(Algorithm, StringComparison.OrdinalIgnoreCase) || value.Length != length) return false;
        var bytes = new byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!char.IsAsciiHexDigit(value[i * 3]) || !char.IsAsciiHexDigit(value[(i * 3) + 1])) return false;
            if (i < bytes.Length - 1 && value[(i * 3) + 2] != ':') return false;
            bytes[i] = Convert.FromHexString(value.AsSpan(i * 3, 2))[0];
        }

        fingerprint = new DtlsFingerprint(bytes);
        return true;
    }

    /// <summary>In constant time.</summary>
    public bool Matches(ReadOnlySpan<byte> sha256) => CryptographicOperations.FixedTimeEquals(digest, sha256);

    /// <summary>The value for <c>a=fingerprint:sha-256</c>: upper-case hexadecimal with colons.</summary>
    public override string ToString() => string.Join(':', digest.Select(b => b.ToString("X2", null)));
}
