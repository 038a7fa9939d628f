using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>One authentic RTP packet of a publisher, opened, on its way to every subscriber. Lives as long as the datagram's buffer.</summary>
public readonly ref struct MediaPacket
{
    /// <summary>Header and payload in the clear, without the tag.</summary>
    public ReadOnlySpan<byte> Packet { get; init; }

    public RtpHeader Header { get; init; }

    /// <summary>What the publisher's extension ids mean.</summary>
    public ExtensionMap Extensions { get; init; }

    /// <summary>Null in a default value: no packet.</summary>
    public ReceiveStream? Source { get; init; }

    public Instant ArrivedAt { get; init; }

    /// <summary>When the source is VP8.</summary>
    public Vp8Descriptor Vp8 { get; init; }

    /// <summary>A decoder may start here: any audio packet, the first packet of a key frame.</summary>
    public bool StartsDecoding { get; init; }

    public ReadOnlySpan<byte> Payload => Header.Payload(Packet);
}
