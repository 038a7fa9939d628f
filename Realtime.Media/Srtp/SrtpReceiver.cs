using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Realtime.Media.Core;

namespace Realtime.Media.Srtp;

/// <summary>
/// Opens the RTP packets received from one peer, in place (RFC 3711 §3.3). State changes only after a packet proved authentic.
/// Allocates nothing per packet. Not thread-safe.
/// </summary>
public sealed class SrtpReceiver : IDisposable
{
    const int FixedHeaderSize = 12;

    readonly PacketCipher cipher;
    readonly SsrcTable<StreamIndices> streams = new();

    /// <inheritdoc cref="SrtpSender(SrtpProfile, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public SrtpReceiver(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        using var keys = KeyDerivation.ForRtp(profile, masterKey, masterSalt);
        cipher = new PacketCipher(profile, keys, encrypt: false);
    }

    internal SrtpReceiver(SrtpProfile profile, SrtpSessionKeys keys) => cipher = new PacketCipher(profile, keys, encrypt: false);

    /// <summary>
    /// <see cref="DropReason.None"/> and the length without the tag, or why not: <see cref="DropReason.TooShort"/>, <see cref="DropReason.Replayed"/>,
    /// <see cref="DropReason.BadAuthTag"/>, <see cref="DropReason.OverQuota"/> (too many SSRCs). After a failure the payload may be garbage.
    /// </summary>
    /// <param name="headerLength">The whole RTP header with CSRCs and extensions.</param>
    public DropReason Unprotect(Span<byte> packet, int headerLength, out int length)
    {
        length = 0;
        var end = packet.Length - cipher.TagSize;
        if (headerLength < FixedHeaderSize || end < headerLength) return DropReason.TooShort;
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);

        ref var stream = ref streams.Find(ssrc);
        var isNew = Unsafe.IsNullRef(ref stream);
        long index = sequence;
        if (!isNew && !stream.TryEstimate(sequence, out index)) return DropReason.Replayed;
        if (isNew && streams.Count == SsrcTable<StreamIndices>.MaxStreams) return DropReason.OverQuota;
        if (!TryOpen(packet, headerLength, end, ssrc, index)) return DropReason.BadAuthTag;

        if (isNew)
        {
            streams.TryAdd(ssrc, default);
            stream = ref streams.Find(ssrc);
        }

        stream.Accept(index);
        length = end;
        return DropReason.None;
    }

    bool TryOpen(Span<byte> packet, int headerLength, int end, uint ssrc, long index)
    {
        var text = packet[headerLength..end];
        var tag = packet[end..];
        if (cipher.IsAead) return cipher.TryOpen(ssrc, index, packet[..headerLength], default, text, tag);

        Span<byte> rollover = stackalloc byte[4];
        PacketCipher.WriteRollover(index, rollover);
        if (!cipher.IsAuthentic(packet[..end], rollover, tag)) return false;
        cipher.ApplyCounterMode(ssrc, index, text, text);
        return true;
    }

    public void Dispose() => cipher.Dispose();
}
