using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>
/// Writes a compound packet into a span. Each packet type's <c>Write</c> begins one packet of known size; when it does not fit, nothing
/// of it is written and <see cref="Overflowed"/> stays set, so that what was written before remains a valid compound.
/// </summary>
public ref struct RtcpWriter(Span<byte> destination)
{
    readonly Span<byte> destination = destination;

    /// <summary>Bytes written: whole packets only.</summary>
    public int Length { get; private set; }

    public bool Overflowed { get; private set; }

    public readonly ReadOnlySpan<byte> Written => destination[..Length];

    /// <summary>Begins a packet whose body has <paramref name="bodyLength"/> bytes, a multiple of four; the body comes zeroed. False when it does not fit.</summary>
    internal bool TryBegin(RtcpPacketType type, int count, int bodyLength, out SpanWriter body)
    {
        var length = RtcpHeader.Size + bodyLength;
        if (destination.Length - Length < length)
        {
            Overflowed = true;
            body = default;
            return false;
        }

        var packet = destination.Slice(Length, length);
        packet.Clear();
        new RtcpHeader(type, (byte)count, length, HasPadding: false).Write(packet);
        body = new SpanWriter(packet[RtcpHeader.Size..]);
        Length += length;
        return true;
    }

    /// <summary>A feedback packet up to its control information: sender, media source (RFC 4585 §6.1).</summary>
    internal bool TryBeginFeedback(RtcpPacketType type, byte format, Ssrc sender, Ssrc media, int informationLength, out SpanWriter body)
    {
        if (!TryBegin(type, format, Feedback.HeaderLength + informationLength, out body)) return false;
        body.UInt32(sender.Value);
        body.UInt32(media.Value);
        return true;
    }
}
