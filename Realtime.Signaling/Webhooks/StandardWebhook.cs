using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Realtime.Signaling.Webhooks;

/// <summary>
/// Signatures after Standard Webhooks (standardwebhooks.com): <c>v1,base64(HMAC-SHA256(secret, "id.timestamp.body"))</c>, one per secret in force; secrets are written
/// <c>whsec_</c> and base64 of 24 to 64 bytes.
/// </summary>
public static class StandardWebhook
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    const string SecretPrefix = "whsec_";
    const int MinSecretBytes = 24;
    const int MaxSecretBytes = 64;
    const int NewSecretBytes = 32;

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NewSecretBytes));

    public static bool TryReadSecret(string? text, [NotNullWhen(true)] out byte[]? secret)
    {
        secret = null;
        if (text is null || !text.StartsWith(SecretPrefix, StringComparison.Ordinal) || text.Length > SecretPrefix.Length + (MaxSecretBytes * 2))
            return false;
        var bytes = new byte[MaxSecretBytes * 2];
        if (!Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var length) || length is < MinSecretBytes or > MaxSecretBytes)
            return false;
        secret = bytes[..length];
        return true;
    }

    /// <param name="timestamp">Of the attempt: receivers refuse old ones.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes($"{id}.{Seconds(timestamp)}.");
        var signed = new byte[head.Length + body.Length];
        head.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(head.Length));
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }

    public static string Seconds(DateTimeOffset timestamp) => timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
