using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;

namespace Realtime.Tests.Media.Harness;

/// <summary>One packet as a subscriber got it.</summary>
/// <param name="Source">The stamp: whose packet it is …</param>
/// <param name="Number">… and which.</param>
readonly record struct ReceivedPacket(Instant At, SequenceNumber Sequence, RtpTimestamp Timestamp, PayloadType PayloadType, bool IsKeyframe, ushort PictureId, byte Tl0PicIdx, Ssrc Source, long Number, bool HasMid);

/// <summary>All that one receive section got.</summary>
sealed class ReceivedTrack(Ssrc ssrc)
{
    public Ssrc Ssrc { get; } = ssrc;

    public List<ReceivedPacket> Packets { get; } = [];

    public List<(Instant At, SenderInfo Info)> Reports { get; } = [];

    public IEnumerable<ReceivedPacket> From(Ssrc source) => Packets.Where(packet => packet.Source == source);

    /// <summary>Every sequence number once, none missing.</summary>
    public bool IsContinuous()
    {
        var numbers = Packets.Select(packet => (int)packet.Sequence.Value).ToList();
        for (var i = 1; i < numbers.Count; i++)
        {
            if (numbers[i] != ((numbers[i - 1] + 1) & 0xFFFF)) return false;
        }

        return true;
    }

    public void Add(Instant now, in RtpHeader header, ReadOnlySpan<byte> packet, bool isVideo, bool hasMid)
    {
        var payload = header.Payload(packet);
        Vp8Descriptor vp8 = default;
        if (isVideo) Vp8Descriptor.TryRead(payload, out vp8);
        var stamp = payload[^TestSource.StampLength..];
        Packets.Add(new ReceivedPacket(
            now, header.Sequence, header.Timestamp, header.PayloadType, vp8.IsKeyFrame, vp8.PictureId, vp8.Tl0PicIdx,
            new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(stamp)), BinaryPrimitives.ReadInt64BigEndian(stamp[4..]), hasMid));
    }
}
