using System.Security.Cryptography;

namespace Realtime.Media.Srtp;

/// <summary>
/// HMAC-SHA1 (RFC 3711 §4.2.1) from the hash's state after the inner and the outer key block, saved once per key: a copy of 96 bytes
/// instead of two compressions and a context per packet.
/// </summary>
sealed unsafe class Sha1Authenticator
{
    public const int DigestSize = 20;
    const int BlockSize = 64;

    readonly EvpInterop.Sha1State inner;
    readonly EvpInterop.Sha1State outer;

    public Sha1Authenticator(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, BlockSize);
        inner = AfterKeyBlock(key, 0x36);
        outer = AfterKeyBlock(key, 0x5C);
    }

    /// <summary>The digest of <paramref name="message"/> followed by <paramref name="suffix"/>.</summary>
    public void Compute(ReadOnlySpan<byte> message, ReadOnlySpan<byte> suffix, Span<byte> digest)
    {
        var state = inner;
        fixed (byte* m = message, s = suffix, d = digest[..DigestSize])
        {
            _ = EvpInterop.SHA1_Update(&state, m, (nuint)message.Length);
            _ = EvpInterop.SHA1_UpdateShort(&state, s, (nuint)suffix.Length);
            _ = EvpInterop.SHA1_Final(d, &state);
            state = outer;
            _ = EvpInterop.SHA1_UpdateShort(&state, d, DigestSize);
            _ = EvpInterop.SHA1_Final(d, &state);
        }
    }

    static EvpInterop.Sha1State AfterKeyBlock(ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Fill(pad);
        for (var i = 0; i < key.Length; i++) block[i] ^= key[i];
        EvpInterop.Sha1State state;
        fixed (byte* b = block)
            if (EvpInterop.SHA1_Init(&state) != 1 || EvpInterop.SHA1_UpdateShort(&state, b, BlockSize) != 1)
                throw new CryptographicException("SHA-1 is not available.");
        CryptographicOperations.ZeroMemory(block);
        return state;
    }
}
