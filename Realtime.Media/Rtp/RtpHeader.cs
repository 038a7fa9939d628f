using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtp;

/// <summary>
/// The fixed RTP header and where the parts of the packet lie (RFC 3550 §5.1, §5.3.1).
/// <code>
///  0                   1                   2                   3
///  |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///  |                           timestamp                           |
///  |                             SSRC                              |
///  |                       CSRC × CC (0–15)                        |
///  |  extension profile            |  length in 32-bit words       |  if X
///  |                       extension elements                      |
///  |                       payload ... | padding, its last byte its length if P
/// </code>
/// </summary>
public readonly struct RtpHeader
{
    public const int Version = 2;
    public const int MinLength = 12;
    const int ExtensionPreamble = 4;

    public bool Marker { get; private init; }

    public PayloadType PayloadType { get; private init; }

    public SequenceNumber Sequence { get; private init; }

    public RtpTimestamp Timestamp { get; private init; }

    public Ssrc Ssrc { get; private init; }

    public int CsrcCount { get; private init; }

    public bool HasExtension { get; private init; }

    /// <summary>0xBEDE: one-byte elements; 0x100x: two-byte elements (RFC 8285); 0 without extension.</summary>
    public ushort ExtensionProfile { get; private init; }

    /// <summary>Where the elements begin, after profile and length.</summary>
    public int ExtensionOffset { get; private init; }

    /// <summary>Bytes of elements, a multiple of four.</summary>
    public int ExtensionLength { get; private init; }

    /// <summary>Bytes before the payload.</summary>
    public int HeaderLength { get; private init; }

    /// <summary>Without padding.</summary>
    public int PayloadLength { get; private init; }

    public int PaddingLength { get; private init; }

    public ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> packet) => packet.Slice(HeaderLength, PayloadLength);

    public RtpExtensions Extensions(ReadOnlySpan<byte> packet) => new(ExtensionProfile, packet.Slice(ExtensionOffset, ExtensionLength));

    /// <summary>A packet in the clear, padding checked. False when malformed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out RtpHeader header) => TryRead(packet, isProtected: false, out header);

    /// <summary>
    /// A packet whose payload is still under SRTP: the padding count is encrypted, so <see cref="PayloadLength"/> is all that
    /// follows the header (cipher text, padding and tag) and <see cref="PaddingLength"/> is 0.
    /// </summary>
    public static bool TryReadProtected(ReadOnlySpan<byte> packet, out RtpHeader header) => TryRead(packet, isProtected: true, out header);

    static bool TryRead(ReadOnlySpan<byte> packet, bool isProtected, out RtpHeader header)
    {
        header = default;
        if (packet.Length < MinLength) return false;
        var first = packet[0];
        if (first >> 6 != Version) return false;

        var csrcCount = first & 0x0F;
        var length = MinLength + (csrcCount * 4);
        var hasExtension = (first & 0x10) != 0;
        ushort profile = 0;
        var extensionLength = 0;
        if (hasExtension)
        {
            if (packet.Length < length + ExtensionPreamble) return false;
            profile = BinaryPrimitives.ReadUInt16BigEndian(packet[length..]);
            extensionLength = BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]) * 4;
            length += ExtensionPreamble;
        }

        var extensionOffset = length;
        length += extensionLength;
        if (packet.Length < length) return false;

        var padding = 0;
        if (!isProtected && (first & 0x20) != 0)
        {
            padding = packet[^1];
            if (padding == 0 || padding > packet.Length - length) return false;
        }

        header = new RtpHeader
        {
            Marker = (packet[1] & 0x80) != 0,
            PayloadType = new PayloadType((byte)(packet[1] & 0x7F)),
            Sequence = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(packet[2..])),
            Timestamp = new RtpTimestamp(BinaryPrimitives.ReadUInt32BigEndian(packet[4..])),
            Ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet[8..])),
            CsrcCount = csrcCount,
            HasExtension = hasExtension,
            ExtensionProfile = profile,
            ExtensionOffset = extensionOffset,
            ExtensionLength = extensionLength,
            HeaderLength = length,
            PayloadLength = packet.Length - length - padding,
            PaddingLength = padding,
        };
        return true;
    }
}
