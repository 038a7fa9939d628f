using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>Sources that stopped (RFC 3550 §6.6); the optional reason is not read. <code>| SSRC × count | length (8) | reason … |</code></summary>
public readonly ref struct Goodbye
{
    readonly ReadOnlySpan<byte> sources;

    Goodbye(ReadOnlySpan<byte> sources) => this.sources = sources;

    public int Count => sources.Length / 4;

    public Ssrc this[int index] => new(BinaryPrimitives.ReadUInt32BigEndian(sources[(index * 4)..]));

    public static bool TryRead(in RtcpPacket packet, out Goodbye goodbye)
    {
        goodbye = default;
        var length = packet.Header.Count * 4;
        if (!packet.Is(RtcpPacketType.Goodbye) || packet.Body.Length < length) return false;
        goodbye = new Goodbye(packet.Body[..length]);
        return true;
    }

    public static bool Write(ref RtcpWriter writer, Ssrc ssrc)
    {
        if (!writer.TryBegin(RtcpPacketType.Goodbye, 1, 4, out var body)) return false;
        body.UInt32(ssrc.Value);
        return true;
    }
}
