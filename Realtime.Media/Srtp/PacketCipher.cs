using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Realtime.Media.Srtp;

/// <summary>
/// The keyed transform of one direction of RTP or RTCP: AES-128-GCM (RFC 7714) or AES-CM with HMAC-SHA1 (RFC 3711). Knows no indices:
/// the senders and receivers hand them in.
/// </summary>
sealed class PacketCipher : IDisposable
{
    const int CounterSize = 16;

    readonly byte[] salt;
    readonly GcmCipher? gcm;
    readonly CtrCipher? ctr;
    readonly Sha1Authenticator? authenticator;

    public PacketCipher(SrtpProfile profile, SrtpSessionKeys keys, bool encrypt)
    {
        TagSize = profile.TagLength();
        salt = keys.Salt.ToArray();
        if (profile == SrtpProfile.AeadAes128Gcm)
        {
            gcm = new GcmCipher(keys.Key, encrypt);
            return;
        }

        ctr = new CtrCipher(keys.Key);
        authenticator = new Sha1Authenticator(keys.Authentication);
    }

    public int TagSize { get; }

    /// <summary>Whether the tag covers header and extra data as associated data and the ciphertext (true), or whatever lies before it (false).</summary>
    [MemberNotNullWhen(true, nameof(gcm))]
    [MemberNotNullWhen(false, nameof(ctr), nameof(authenticator))]
    public bool IsAead => gcm is not null;

    /// <summary>AEAD: encrypts and writes the tag.</summary>
    public void Seal(uint ssrc, long index, ReadOnlySpan<byte> header, ReadOnlySpan<byte> extraData, ReadOnlySpan<byte> plaintext, Span<byte> output, Span<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[GcmCipher.NonceSize];
        PacketNonce.Gcm(salt, ssrc, index, nonce);
        gcm!.Seal(nonce, header, extraData, plaintext, output, tag);
    }

    /// <summary>AEAD: decrypts in place; false when the tag is wrong.</summary>
    public bool TryOpen(uint ssrc, long index, ReadOnlySpan<byte> header, ReadOnlySpan<byte> extraData, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[GcmCipher.NonceSize];
        PacketNonce.Gcm(salt, ssrc, index, nonce);
        return gcm!.TryOpen(nonce, header, extraData, text, tag);
    }

    /// <summary>AES-CM: encrypts or decrypts.</summary>
    public void ApplyCounterMode(uint ssrc, long index, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> counter = stackalloc byte[CounterSize];
        PacketNonce.Counter(salt, ssrc, index, counter);
        ctr!.Apply(counter, input, output);
    }

    /// <summary>HMAC-SHA1: the tag over <paramref name="message"/> and <paramref name="suffix"/>.</summary>
    public void Authenticate(ReadOnlySpan<byte> message, ReadOnlySpan<byte> suffix, Span<byte> tag)
    {
        Span<byte> digest = stackalloc byte[Sha1Authenticator.DigestSize];
        authenticator!.Compute(message, suffix, digest);
        digest[..TagSize].CopyTo(tag);
    }

    /// <summary>HMAC-SHA1, compared in constant time.</summary>
    public bool IsAuthentic(ReadOnlySpan<byte> message, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> tag)
    {
        Span<byte> digest = stackalloc byte[Sha1Authenticator.DigestSize];
        authenticator!.Compute(message, suffix, digest);
        return CryptographicOperations.FixedTimeEquals(digest[..TagSize], tag);
    }

    /// <summary>The rollover counter, which AES-CM authenticates though it is not sent (RFC 3711 §4.2).</summary>
    public static void WriteRollover(long index, Span<byte> bytes) => BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(index >> 16));

    public void Dispose()
    {
        gcm?.Dispose();
        ctr?.Dispose();
        CryptographicOperations.ZeroMemory(salt);
    }
}
