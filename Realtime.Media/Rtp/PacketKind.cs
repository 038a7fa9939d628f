namespace Realtime.Media.Rtp;

/// <summary>What shares one port under rtcp-mux.</summary>
public enum PacketKind
{
    /// <summary>Too short, or not version 2.</summary>
    Unknown,
    Rtp,
    Rtcp,
}

/// <summary>Tells RTP from RTCP by the second byte: 192–223 is an RTCP packet type (RFC 5761 §4). Works on protected packets too.</summary>
public static class PacketKindReader
{
    public static PacketKind Classify(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 8 || packet[0] >> 6 != RtpHeader.Version) return PacketKind.Unknown;
        return packet[1] is >= 192 and <= 223 ? PacketKind.Rtcp : PacketKind.Rtp;
    }
}
