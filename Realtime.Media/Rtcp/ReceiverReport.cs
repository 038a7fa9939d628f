using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary><code>| SSRC | report blocks … |</code> (RFC 3550 §6.4.2)</summary>
public readonly ref struct ReceiverReport
{
    const int FixedLength = 4;

    public Ssrc Sender { get; private init; }

    public ReportBlocks Blocks { get; private init; }

    public static bool TryRead(in RtcpPacket packet, out ReceiverReport report)
    {
        report = default;
        var body = packet.Body;
        var blocks = packet.Header.Count * ReportBlock.Length;
        if (!packet.Is(RtcpPacketType.ReceiverReport) || body.Length < FixedLength + blocks) return false;
        report = new ReceiverReport
        {
            Sender = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body)),
            Blocks = new ReportBlocks(body.Slice(FixedLength, blocks)),
        };
        return true;
    }

    /// <param name="blocks">At most <see cref="ReportBlock.MaxPerPacket"/>; more are left out. None makes the empty report that begins a compound.</param>
    public static bool Write(ref RtcpWriter writer, Ssrc sender, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var count = Math.Min(blocks.Length, ReportBlock.MaxPerPacket);
        if (!writer.TryBegin(RtcpPacketType.ReceiverReport, count, FixedLength + (count * ReportBlock.Length), out var body)) return false;
        body.UInt32(sender.Value);
        foreach (ref readonly var block in blocks[..count]) block.Write(ref body);
        return true;
    }
}
