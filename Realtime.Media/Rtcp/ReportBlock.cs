using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>
/// What a receiver says about one source (RFC 3550 §6.4.1), 24 bytes.
/// <code>
/// | SSRC |
/// | fraction lost (8) | cumulative lost (24, signed) |
/// | extended highest sequence | jitter | LSR | DLSR |
/// </code>
/// </summary>
/// <param name="FractionLost">Of 256, since the last report.</param>
/// <param name="CumulativeLost">Negative when duplicates outnumber losses.</param>
/// <param name="Jitter">In units of the stream's clock.</param>
/// <param name="LastSenderReport">Middle of the NTP time of the source's last sender report; 0 when none came.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65536 s.</param>
public readonly record struct ReportBlock(
    Ssrc Ssrc,
    byte FractionLost,
    int CumulativeLost,
    uint ExtendedHighestSequence,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport)
{
    public const int Length = 24;
    /// <summary>The count field has five bits.</summary>
    public const int MaxPerPacket = 31;
    const int MaxLost = 0x7F_FFFF;

    /// <summary>Round trip by RFC 3550 §6.4.1: arrival − LSR − DLSR. Null when the block echoes no report, or the clock disagrees.</summary>
    /// <param name="now">On the clock of the sender report echoed.</param>
    public TimeSpan? RoundTrip(NtpTime now)
    {
        if (LastSenderReport == 0) return null;
        var units = unchecked((int)(now.Middle - LastSenderReport - DelaySinceLastSenderReport));
        return units < 0 ? null : NtpTime.FromMiddle((uint)units);
    }

    /// <param name="bytes">At least <see cref="Length"/>.</param>
    internal static ReportBlock Read(ReadOnlySpan<byte> bytes)
    {
        var lost = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
        return new ReportBlock(
            new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            bytes[4],
            (lost << 8) >> 8,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
    }

    internal void Write(ref SpanWriter writer)
    {
        writer.UInt32(Ssrc.Value);
        writer.Byte(FractionLost);
        writer.UInt24((uint)Math.Clamp(CumulativeLost, -MaxLost - 1, MaxLost) & 0xFF_FFFF);
        writer.UInt32(ExtendedHighestSequence);
        writer.UInt32(Jitter);
        writer.UInt32(LastSenderReport);
        writer.UInt32(DelaySinceLastSenderReport);
    }
}

/// <summary>The report blocks of a sender or receiver report, read as they are asked for.</summary>
public readonly ref struct ReportBlocks
{
    readonly ReadOnlySpan<byte> bytes;

    /// <param name="bytes">A whole number of blocks.</param>
    internal ReportBlocks(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    public int Count => bytes.Length / ReportBlock.Length;

    public ReportBlock this[int index] => ReportBlock.Read(bytes.Slice(index * ReportBlock.Length, ReportBlock.Length));
}
