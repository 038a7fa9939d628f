using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>
/// A retransmission (RFC 4588 §4): the packet as it was, in a stream of its own, with the original sequence number before the payload.
/// <code>| RTP header of the RTX stream | OSN (16) | original payload |</code>
/// </summary>
public static class RtxPayload
{
    public const int OsnLength = 2;

    /// <summary>Writes the original sequence number at the start of the payload.</summary>
    public static void WriteOsn(Span<byte> payload, SequenceNumber original) => BinaryPrimitives.WriteUInt16BigEndian(payload, original.Value);

    /// <summary>
    /// Makes the original packet again, in place. False for a payload without the number: RTX packets of padding alone, which probe for bandwidth.
    /// </summary>
    /// <param name="packet">An opened RTX packet.</param>
    /// <param name="original">The end of it: the header moved up over the number, with the source's payload type and SSRC.</param>
    public static bool TryUndo(Span<byte> packet, scoped in RtpHeader header, PayloadType type, Ssrc ssrc, out Span<byte> original)
    {
        original = default;
        if (header.PayloadLength < OsnLength) return false;
        var sequence = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(packet[header.HeaderLength..]));
        packet[..header.HeaderLength].CopyTo(packet[OsnLength..]);
        original = packet[OsnLength..];
        RtpFields.SetPayloadType(original, type);
        RtpFields.SetSequence(original, sequence);
        RtpFields.SetSsrc(original, ssrc);
        return true;
    }
}
