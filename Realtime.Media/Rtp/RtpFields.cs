using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>Rewrites single header fields in place. The span must hold a header that <see cref="RtpHeader.TryRead(ReadOnlySpan{byte}, out RtpHeader)"/> accepted.</summary>
public static class RtpFields
{
    public static void SetMarker(Span<byte> packet, bool marker) => packet[1] = (byte)((packet[1] & 0x7F) | (marker ? 0x80 : 0));

    public static void SetPayloadType(Span<byte> packet, PayloadType type) => packet[1] = (byte)((packet[1] & 0x80) | (type.Value & 0x7F));

    public static void SetSequence(Span<byte> packet, SequenceNumber sequence) => BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence.Value);

    public static void SetTimestamp(Span<byte> packet, RtpTimestamp timestamp) => BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp.Value);

    public static void SetSsrc(Span<byte> packet, Ssrc ssrc) => BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc.Value);

    /// <summary>The X bit; the caller writes the extension.</summary>
    public static void SetExtension(Span<byte> packet) => packet[0] |= 0x10;

    /// <summary>The P bit; the caller writes the padding bytes, the last of which is their count.</summary>
    public static void SetPadding(Span<byte> packet, bool hasPadding) => packet[0] = (byte)((packet[0] & ~0x20) | (hasPadding ? 0x20 : 0));
}
