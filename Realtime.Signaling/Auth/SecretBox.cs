using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>
/// Secrets at rest: <c>p1.base64url(nonce, tag, text)</c>, AES-256-GCM under a key derived from <c>Protection:Secret</c> and bound to what the secret belongs to. Every replica
/// derives the same key, so there is no key ring to share (which ASP.NET Core's data protection would need, with replicas that do not know each other's newest key for a day).
/// </summary>
public sealed class SecretBox
{
    const string Version = "p1.";
    const int MaxLength = 4096;

    static readonly int NonceSize = AesGcm.NonceByteSizes.MaxSize;
    static readonly int TagSize = AesGcm.TagByteSizes.MaxSize;

    readonly byte[][] _keys;

    public SecretBox(IOptions<ProtectionOptions> options) =>
        _keys = [.. new[] { options.Value.Secret, options.Value.PreviousSecret }.Where(static secret => secret.Length > 0)
            .Select(static secret => HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "realtime secrets at rest 1"u8.ToArray()))];

    /// <param name="owner">What it belongs to: a secret moved to another row does not open.</param>
    public string Close(string secret, string owner)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        var sealedText = new byte[NonceSize + TagSize + text.Length];
        var nonce = sealedText.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_keys[0], TagSize);
        aes.Encrypt(nonce, text, sealedText.AsSpan(NonceSize + TagSize), sealedText.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(owner));
        return Version + Base64Url.EncodeToString(sealedText);
    }

    /// <param name="isOld">Closed under the previous secret: close it anew.</param>
    public bool TryOpen(string closed, string owner, [NotNullWhen(true)] out string? secret, out bool isOld)
    {
        (secret, isOld) = (null, false);
        if (closed.Length > MaxLength || !closed.StartsWith(Version, StringComparison.Ordinal) || !Base64Url.IsValid(closed.AsSpan(Version.Length)))
            return false;
        var bytes = Base64Url.DecodeFromChars(closed.AsSpan(Version.Length));
        if (bytes.Length <= NonceSize + TagSize)
            return false;
        var text = new byte[bytes.Length - NonceSize - TagSize];
        for (var i = 0; i < _keys.Length; i++)
        {
            using var aes = new AesGcm(_keys[i], TagSize);
            try
            {
                aes.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize + TagSize), bytes.AsSpan(NonceSize, TagSize), text, Encoding.UTF8.GetBytes(owner));
            }
            catch (AuthenticationTagMismatchException)
            {
                // Closed under another key, or not by us.
                continue;
            }
            (secret, isOld) = (Encoding.UTF8.GetString(text), i > 0);
            return true;
        }
        return false;
    }
}
