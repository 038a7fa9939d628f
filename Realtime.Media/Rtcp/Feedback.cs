using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>The two words all feedback packets begin with (RFC 4585 §6.1).</summary>
static class Feedback
{
    public const int HeaderLength = 8;

    public static bool TryRead(in RtcpPacket packet, RtcpPacketType type, byte format, out Ssrc sender, out Ssrc media, out ReadOnlySpan<byte> information)
    {
        sender = media = default;
        information = default;
        var body = packet.Body;
        if (!packet.Is(type, format) || body.Length < HeaderLength) return false;
        sender = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body));
        media = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body[4..]));
        information = body[HeaderLength..];
        return true;
    }
}
