using System.Security.Cryptography;
using System.Text;

namespace Realtime.Signaling.Auth;

/// <summary>
/// A secret as it is stored: <c>1 | nonce 12 | tag 16 | ciphertext</c>, AES-256-GCM under a key derived from the master key, bound to the API key it belongs to, so that
/// rows cannot be swapped.
/// </summary>
public static class SealedSecret
{
    const byte Version = 1;
    const int NonceLength = 12;
    const int TagLength = 16;
    const int HeaderLength = 1 + NonceLength + TagLength;

    static readonly byte[] Purpose = "realtime api keys 1"u8.ToArray();

    public static byte[] Seal(byte[] masterKey, string keyId, ReadOnlySpan<byte> secret)
    {
        var sealedSecret = new byte[HeaderLength + secret.Length];
        sealedSecret[0] = Version;
        var nonce = sealedSecret.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(KeyFrom(masterKey), TagLength);
        aes.Encrypt(nonce, secret, sealedSecret.AsSpan(HeaderLength), sealedSecret.AsSpan(1 + NonceLength, TagLength), Encoding.UTF8.GetBytes(keyId));
        return sealedSecret;
    }

    /// <summary>False: sealed with another master key, for another key id, or tampered with.</summary>
    public static bool TryOpen(byte[] masterKey, string keyId, ReadOnlySpan<byte> sealedSecret, out byte[] secret)
    {
        secret = [];
        if (sealedSecret.Length <= HeaderLength || sealedSecret[0] != Version)
            return false;
        var opened = new byte[sealedSecret.Length - HeaderLength];
        using var aes = new AesGcm(KeyFrom(masterKey), TagLength);
        try
        {
            aes.Decrypt(sealedSecret.Slice(1, NonceLength), sealedSecret[HeaderLength..], sealedSecret.Slice(1 + NonceLength, TagLength), opened, Encoding.UTF8.GetBytes(keyId));
        }
        catch (AuthenticationTagMismatchException)
        {
            // Answered like any other that is no good.
            return false;
        }
        secret = opened;
        return true;
    }

    static byte[] KeyFrom(byte[] masterKey) => HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, 32, info: Purpose);
}
