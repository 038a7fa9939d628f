using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>The fixed fields of a packet about to be sent.</summary>
public readonly record struct RtpHeaderFields(bool Marker, PayloadType PayloadType, SequenceNumber Sequence, RtpTimestamp Timestamp, Ssrc Ssrc)
{
    /// <summary>Writes twelve bytes: no CSRCs, extension or padding. False when they do not fit.</summary>
    public bool TryWrite(Span<byte> destination)
    {
        if (destination.Length < RtpHeader.MinLength) return false;
        destination[0] = RtpHeader.Version << 6;
        destination[1] = (byte)((Marker ? 0x80 : 0) | (PayloadType.Value & 0x7F));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Sequence.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Ssrc.Value);
        return true;
    }
}
