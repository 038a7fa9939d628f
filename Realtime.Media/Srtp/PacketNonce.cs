using System.Buffers.Binary;

namespace Realtime.Media.Srtp;

/// <summary>The IV of a packet from salt, SSRC and index; RTP's 48-bit and RTCP's 31-bit index lie in the same place.</summary>
static class PacketNonce
{
    /// <summary>RFC 7714 §8.1 and §9.1: 00 00 | SSRC | index (48 bits), XOR salt (96 bits).</summary>
    public static void Gcm(ReadOnlySpan<byte> salt, uint ssrc, long index, Span<byte> nonce)
    {
        salt[..GcmCipher.NonceSize].CopyTo(nonce);
        Xor(nonce[2..], ssrc, index);
    }

    /// <summary>RFC 3711 §4.1.1: (salt × 2^16) XOR (SSRC × 2^64) XOR (index × 2^16); the last 16 bits count blocks.</summary>
    public static void Counter(ReadOnlySpan<byte> salt, uint ssrc, long index, Span<byte> counter)
    {
        salt[..14].CopyTo(counter);
        counter[14] = counter[15] = 0;
        Xor(counter[4..], ssrc, index);
    }

    static void Xor(Span<byte> at, uint ssrc, long index)
    {
        BinaryPrimitives.WriteUInt32BigEndian(at, BinaryPrimitives.ReadUInt32BigEndian(at) ^ ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(at[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(at[4..]) ^ (ushort)(index >> 32)));
        BinaryPrimitives.WriteUInt32BigEndian(at[6..], BinaryPrimitives.ReadUInt32BigEndian(at[6..]) ^ (uint)index);
    }
}
