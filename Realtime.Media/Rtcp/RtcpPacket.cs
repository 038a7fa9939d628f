namespace Realtime.Media.Rtcp;

/// <summary>One packet of a compound: its header and what follows it, padding taken off.</summary>
public readonly ref struct RtcpPacket(RtcpHeader header, ReadOnlySpan<byte> body)
{
    public RtcpHeader Header { get; } = header;

    public ReadOnlySpan<byte> Body { get; } = body;

    public bool Is(RtcpPacketType type) => Header.Type == type;

    public bool Is(RtcpPacketType type, byte format) => Header.Type == type && Header.Count == format;
}
