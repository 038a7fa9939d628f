using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Realtime.Media.Core;

namespace Realtime.Media.Srtp;

/// <summary>
/// Protects the RTP packets sent to one peer (RFC 3711 §3.3). Allocates nothing per packet. Not thread-safe.
/// </summary>
public sealed class SrtpSender : IDisposable
{
    const int FixedHeaderSize = 12;

    readonly PacketCipher cipher;
    readonly SsrcTable<StreamIndices> streams = new();

    /// <param name="masterKey"><see cref="SrtpProfiles.KeyLength"/> bytes.</param>
    /// <param name="masterSalt"><see cref="SrtpProfiles.SaltLength"/> bytes.</param>
    public SrtpSender(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        using var keys = KeyDerivation.ForRtp(profile, masterKey, masterSalt);
        cipher = new PacketCipher(profile, keys, encrypt: true);
    }

    internal SrtpSender(SrtpProfile profile, SrtpSessionKeys keys) => cipher = new PacketCipher(profile, keys, encrypt: true);

    /// <summary>What <see cref="Protect"/> adds.</summary>
    public int Overhead => cipher.TagSize;

    /// <summary>
    /// Writes the protected packet: header in the clear, payload encrypted, tag. <see cref="DropReason.Replayed"/> when this SSRC and sequence
    /// number were sent before: a nonce is never used twice, so retransmissions need RTX or the protected bytes of the first time.
    /// </summary>
    /// <param name="header">The whole RTP header with CSRCs and extensions.</param>
    /// <param name="payload">Payload and padding.</param>
    /// <param name="destination">At least header + payload + <see cref="Overhead"/> bytes. Header and payload may already lie in their place in it, or
    /// outside it altogether.</param>
    public DropReason Protect(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> destination, out int length)
    {
        length = 0;
        if (header.Length < FixedHeaderSize) return DropReason.TooShort;
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        ref var stream = ref streams.Find(ssrc);
        if (Unsafe.IsNullRef(ref stream))
        {
            if (!streams.TryAdd(ssrc, default)) return DropReason.OverQuota;
            stream = ref streams.Find(ssrc);
        }

        if (!stream.TryEstimate(sequence, out var index)) return DropReason.Replayed;
        stream.Accept(index);

        header.CopyTo(destination);
        var clear = destination[..header.Length];
        var text = destination.Slice(header.Length, payload.Length);
        var tag = destination.Slice(header.Length + payload.Length, cipher.TagSize);
        if (cipher.IsAead)
        {
            cipher.Seal(ssrc, index, clear, default, payload, text, tag);
        }
        else
        {
            Span<byte> rollover = stackalloc byte[4];
            PacketCipher.WriteRollover(index, rollover);
            cipher.ApplyCounterMode(ssrc, index, payload, text);
            cipher.Authenticate(destination[..(header.Length + payload.Length)], rollover, tag);
        }

        length = header.Length + payload.Length + cipher.TagSize;
        return DropReason.None;
    }

    public void Dispose() => cipher.Dispose();
}
