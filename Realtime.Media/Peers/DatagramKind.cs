using Realtime.Media.Rtp;

namespace Realtime.Media.Peers;

/// <summary>What shares one socket (RFC 7983 §7), RTP and RTCP told apart as well (RFC 5761 §4).</summary>
public enum DatagramKind
{
    Unknown,
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

public static class DatagramKinds
{
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty) return DatagramKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => DatagramKind.Stun,
            >= 20 and <= 63 => DatagramKind.Dtls,
            >= 128 and <= 191 => PacketKindReader.Classify(datagram) switch
            {
                PacketKind.Rtp => DatagramKind.Rtp,
                PacketKind.Rtcp => DatagramKind.Rtcp,
                _ => DatagramKind.Unknown,
            },
            _ => DatagramKind.Unknown,
        };
    }
}
