using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>One authentic RTP packet of a publisher, opened, on its way to every subscriber. Lives as long as the datagram's buffer.</summary>
public readonly ref struct MediaPacket
{
    /// <summary>Header and payload in the clear, without the tag.</summary>
    public ReadOnlySpan<byte> Packet { get; init; }

    public RtpHeader Header { get; init; }

    /// <summary>Null in a default value: no packet.</summary>
    public ReceiveStream? Source { get; init; }

    public Instant ArrivedAt { get; init; }

    /// <summary>It came late, because it had to be asked for.</summary>
    public bool IsRepaired { get; init; }

    /// <summary>Of VP8 and VP9.</summary>
    public PictureNumbers Numbers { get; init; }

    public PacketLayer Layer { get; init; }

    /// <summary>A decoder may start here: any audio packet, the first packet of a key frame.</summary>
    public bool StartsDecoding { get; init; }

    /// <summary>
    /// Bytes of RTP padding that make a subscriber's copy as long as the others of its frame: libwebrtc's differ by a byte, and only equal ones leave as one
    /// segmented message.
    /// </summary>
    public int Padding { get; init; }

    /// <summary>What the publisher's extension ids mean.</summary>
    public ExtensionMap Extensions => Source!.Extensions;

    public ReadOnlySpan<byte> Payload => Header.Payload(Packet);
}
