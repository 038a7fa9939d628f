using System.Text;

namespace Realtime.Signaling.Auth;

/// <summary>Reads <c>Authorization: Basic base64(keyId:secret)</c> (RFC 7617).</summary>
public static class BasicCredentials
{
    const string Scheme = "Basic ";
    const int MaxLength = 1024;

    public static bool TryRead(string? header, out string keyId, out string secret)
    {
        keyId = secret = "";
        if (header is not { Length: <= MaxLength } || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length))
            return false;
        var pair = Encoding.UTF8.GetString(bytes[..length]);
        var colon = pair.IndexOf(':');
        if (colon <= 0)
            return false;
        keyId = pair[..colon];
        secret = pair[(colon + 1)..];
        return true;
    }
}
