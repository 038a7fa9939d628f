using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Tests.Media.Harness;

/// <summary>One packet as a subscriber got it.</summary>
/// <param name="Source">The stamp: whose packet it is …</param>
/// <param name="Number">… and which.</param>
readonly record struct ReceivedPacket(Instant At, SequenceNumber Sequence, RtpTimestamp Timestamp, PayloadType PayloadType, bool IsKeyframe, ushort PictureId, byte Tl0PicIdx, Ssrc Source, long Number, bool HasMid, bool IsRepeat = false, int Temporal = 0, bool Marker = false, int Length = 0);

/// <summary>All that one receive section got.</summary>
sealed class ReceivedTrack(MediaDescription answer)
{
    readonly HashSet<PayloadType> red = [.. answer.Codecs.Where(codec => codec.IsRed).Select(codec => codec.PayloadType)];
    readonly Dictionary<PayloadType, PayloadReader> readers = answer.Codecs.Where(codec => !codec.IsRtx).ToDictionary(codec => codec.PayloadType, codec => new PayloadReader(codec));

    public Ssrc Ssrc { get; } = answer.Ssrcs[0].Ssrc;

    /// <summary>Of the retransmissions, by the answer's FID group.</summary>
    public Ssrc? RtxSsrc { get; } = answer.SsrcGroups.FirstOrDefault(group => group.Semantics == "FID")?.Ssrcs[1];

    public MediaDescription Answer { get; } = answer;

    public MissingPackets Missing { get; } = new();

    public List<ReceivedPacket> Packets { get; } = [];

    public List<(Instant At, SenderInfo Info)> Reports { get; } = [];

    /// <summary>What redundant audio says that its new frames are.</summary>
    public List<PayloadType> RedTypes { get; } = [];

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

    public void Add(Instant now, in RtpHeader header, ReadOnlySpan<byte> packet, bool hasMid, bool isRepeat = false)
    {
        var payload = header.Payload(packet);
        if (payload.Length < TestSource.StampLength) return;
        PictureNumbers numbers = default;
        PacketLayer layer = default;
        var startsKeyframe = readers.TryGetValue(header.PayloadType, out var reader) && reader.Read(payload, out numbers, out layer);
        var stamp = payload[^TestSource.StampLength..];
        Packets.Add(new ReceivedPacket(
            now, header.Sequence, header.Timestamp, header.PayloadType, startsKeyframe, numbers.PictureId, numbers.Tl0PicIdx,
            new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(stamp)), BinaryPrimitives.ReadInt64BigEndian(stamp[4..]), hasMid, isRepeat, layer.Temporal, header.Marker, payload.Length));
        if (red.Contains(header.PayloadType) && RedPayload.TryReadPrimary(payload, out _, out var type)) RedTypes.Add(type);
    }
}
