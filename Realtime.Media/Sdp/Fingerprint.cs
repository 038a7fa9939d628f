using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Realtime.Media.Sdp;

/// <summary>The hash of the certificate a peer will show in DTLS (RFC 8122 §5).</summary>
/// <param name="Algorithm">Lower case: <c>sha-256</c>, <c>sha-384</c> or <c>sha-512</c>.</param>
public sealed record Fingerprint(string Algorithm, ReadOnlyMemory<byte> Value)
{
    /// <summary>Bytes of the hash; 0 for an algorithm we do not accept (RFC 8122 forbids md5 and md2, browsers have left sha-1).</summary>
    public static int LengthOf(ReadOnlySpan<char> algorithm) => algorithm switch
    {
        "sha-256" => 32,
        "sha-384" => 48,
        "sha-512" => 64,
        _ => 0,
    };

    public bool Equals(Fingerprint? other) =>
        other is not null && Algorithm == other.Algorithm && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode() => HashCode.Combine(Algorithm, Value.Length);

    /// <summary>As in SDP: <c>sha-256 AB:CD:…</c></summary>
    public override string ToString() => $"{Algorithm} {Convert.ToHexString(Value.Span).Chunk(2).Select(pair => new string(pair)).Aggregate((a, b) => $"{a}:{b}")}";

    /// <summary>False for an unknown algorithm, a wrong length or bad hex.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Fingerprint? fingerprint)
    {
        fingerprint = null;
        var space = text.IndexOf(' ');
        if (space < 0) return false;
        Span<char> lower = stackalloc char[16];
        if (space > lower.Length) return false;
        text[..space].ToLowerInvariant(lower);
        var algorithm = lower[..space];
        var length = LengthOf(algorithm);
        var hex = text[(space + 1)..].Trim();
        if (length == 0 || hex.Length != (length * 3) - 1) return false;

        var value = new byte[length];
        for (var i = 0; i < length; i++)
        {
            if (i > 0 && hex[(i * 3) - 1] != ':') return false;
            if (!byte.TryParse(hex.Slice(i * 3, 2), NumberStyles.AllowHexSpecifier, null, out value[i])) return false;
        }

        fingerprint = new Fingerprint(algorithm.ToString(), value);
        return true;
    }
}
