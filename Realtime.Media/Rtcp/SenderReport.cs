using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rtcp;

/// <summary>What a source has sent, and which RTP time is which wall-clock time (RFC 3550 §6.4.1).</summary>
public readonly record struct SenderInfo(NtpTime Ntp, RtpTimestamp Timestamp, uint PacketCount, uint OctetCount);

/// <summary><code>| SSRC | NTP (64) | RTP timestamp | packets | octets | report blocks … |</code></summary>
public readonly ref struct SenderReport
{
    const int FixedLength = 24;

    public Ssrc Sender { get; private init; }

    public SenderInfo Info { get; private init; }

    public ReportBlocks Blocks { get; private init; }

    public static bool TryRead(in RtcpPacket packet, out SenderReport report)
    {
        report = default;
        var body = packet.Body;
        var blocks = packet.Header.Count * ReportBlock.Length;
        if (!packet.Is(RtcpPacketType.SenderReport) || body.Length < FixedLength + blocks) return false;
        report = new SenderReport
        {
            Sender = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body)),
            Info = new SenderInfo(
                new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
                new RtpTimestamp(BinaryPrimitives.ReadUInt32BigEndian(body[12..])),
                BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
                BinaryPrimitives.ReadUInt32BigEndian(body[20..])),
            Blocks = new ReportBlocks(body.Slice(FixedLength, blocks)),
        };
        return true;
    }

    /// <param name="blocks">At most <see cref="ReportBlock.MaxPerPacket"/>; more are left out.</param>
    public static bool Write(ref RtcpWriter writer, Ssrc sender, in SenderInfo info, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var count = Math.Min(blocks.Length, ReportBlock.MaxPerPacket);
        if (!writer.TryBegin(RtcpPacketType.SenderReport, count, FixedLength + (count * ReportBlock.Length), out var body)) return false;
        body.UInt32(sender.Value);
        body.UInt64(info.Ntp.Value);
        body.UInt32(info.Timestamp.Value);
        body.UInt32(info.PacketCount);
        body.UInt32(info.OctetCount);
        foreach (ref readonly var block in blocks[..count]) block.Write(ref body);
        return true;
    }
}
