using System.Runtime.CompilerServices;

namespace Realtime.Media.Rtp;

/// <summary>What the forwarding path wants in a subscriber's copy of a packet, besides the publisher's own extensions.</summary>
/// <param name="mid">The subscriber's section, ASCII; empty leaves the MID extension out.</param>
public readonly ref struct ForwardedHeader(RtpHeaderFields fields, ReadOnlySpan<byte> mid, AbsSendTime sentAt)
{
    public RtpHeaderFields Fields { get; } = fields;

    public ReadOnlySpan<byte> Mid { get; } = mid;

    public AbsSendTime SentAt { get; } = sentAt;
}

/// <summary>Where the header just written ends, and its slots to fill later.</summary>
/// <param name="Length">Bytes before the payload.</param>
/// <param name="TransportSequenceOffset">Of two zero bytes for the transport-wide sequence number; 0 when not negotiated.</param>
/// <param name="AbsSendTimeOffset">Of the three bytes of send time; 0 when not negotiated.</param>
public readonly record struct WrittenHeader(int Length, int TransportSequenceOffset, int AbsSendTimeOffset);

/// <summary>
/// Writes a publisher's header anew for one subscriber: fixed fields replaced, extension ids mapped from the one's numbers to the
/// other's, and left out what the subscriber did not negotiate. MID, send time and transport-wide sequence belong to the hop and
/// are written fresh; rid and repaired-rid belong to the publisher's hop and are dropped. Contributing sources are kept. The payload is not copied
/// (the caller encrypts it from the one buffer into the other), padding is not carried over. Allocates nothing.
/// </summary>
public static class ExtensionRewriter
{
    /// <summary>Elements per packet; a sender has about ten kinds to send, more are dropped.</summary>
    public const int MaxElements = 16;

    [InlineArray(MaxElements)]
    struct ElementList
    {
        Element first;
    }

    /// <summary>One element of the subscriber's copy; <c>SourceOffset</c> lies in the publisher's elements, hop-by-hop kinds have none.</summary>
    readonly record struct Element(ExtensionKind Kind, byte Id, byte Length, ushort SourceOffset);

    /// <summary>False only when the destination is too short.</summary>
    /// <param name="packet">The publisher's packet that <paramref name="header"/> was read from.</param>
    public static bool TryWrite(
        ReadOnlySpan<byte> packet,
        in RtpHeader header,
        ExtensionMap publisher,
        ExtensionMap subscriber,
        in ForwardedHeader forwarded,
        Span<byte> destination,
        out WrittenHeader written)
    {
        written = default;
        if (!forwarded.Fields.TryWrite(destination)) return false;
        var length = RtpHeader.MinLength;
        if (header.CsrcCount > 0)
        {
            var csrcs = packet.Slice(RtpHeader.MinLength, header.CsrcCount * 4);
            if (!csrcs.TryCopyTo(destination[length..])) return false;
            destination[0] |= (byte)header.CsrcCount;
            length += csrcs.Length;
        }

        var elements = default(ElementList);
        var count = Collect(packet, header, publisher, subscriber, forwarded.Mid.Length, ref elements, out var twoByte);
        if (count == 0)
        {
            written = new WrittenHeader(length, 0, 0);
            return true;
        }

        var source = packet.Slice(header.ExtensionOffset, header.ExtensionLength);
        var writer = new RtpExtensionWriter(destination[length..], twoByte);
        var transportSequence = 0;
        var absSendTime = 0;
        foreach (ref readonly var element in elements[..count])
        {
            var slot = writer.Add(element.Id, element.Length, out var offset);
            if (writer.Failed) return false;
            switch (element.Kind)
            {
                case ExtensionKind.Mid:
                    forwarded.Mid.CopyTo(slot);
                    break;
                case ExtensionKind.TransportCc:
                    slot.Clear();
                    transportSequence = length + offset;
                    break;
                case ExtensionKind.AbsSendTime:
                    forwarded.SentAt.Write(slot);
                    absSendTime = length + offset;
                    break;
                default:
                    source.Slice(element.SourceOffset, element.Length).CopyTo(slot);
                    break;
            }
        }

        var extension = writer.Finish();
        if (extension == 0) return false;
        destination[0] |= 0x10;
        written = new WrittenHeader(length + extension, transportSequence, absSendTime);
        return true;
    }

    static int Collect(
        ReadOnlySpan<byte> packet,
        in RtpHeader header,
        ExtensionMap publisher,
        ExtensionMap subscriber,
        int midLength,
        ref ElementList elements,
        out bool twoByte)
    {
        twoByte = false;
        var count = 0;
        if (midLength > 0) Add(ExtensionKind.Mid, midLength, 0, subscriber, ref elements, ref count, ref twoByte);
        Add(ExtensionKind.TransportCc, TransportSequenceLength, 0, subscriber, ref elements, ref count, ref twoByte);
        Add(ExtensionKind.AbsSendTime, AbsSendTime.Length, 0, subscriber, ref elements, ref count, ref twoByte);
        if (!header.HasExtension) return count;

        foreach (var element in header.Extensions(packet))
        {
            var kind = publisher.KindOf(element.Id);
            if (kind == ExtensionKind.None || IsPerHop(kind)) continue;
            Add(kind, element.Value.Length, element.Offset, subscriber, ref elements, ref count, ref twoByte);
        }

        return count;
    }

    const int TransportSequenceLength = 2;

    static bool IsPerHop(ExtensionKind kind) => kind
        is ExtensionKind.Mid or ExtensionKind.Rid or ExtensionKind.RepairedRid
        or ExtensionKind.TransportCc or ExtensionKind.AbsSendTime or ExtensionKind.TransmissionOffset;

    static void Add(ExtensionKind kind, int length, int sourceOffset, ExtensionMap subscriber, ref ElementList elements, ref int count, ref bool twoByte)
    {
        var id = subscriber.IdOf(kind);
        if (id == 0 || count == MaxElements || length > byte.MaxValue) return;
        if (!RtpExtensionWriter.FitsOneByte(id, length))
        {
            if (!subscriber.AllowsTwoByte) return;
            twoByte = true;
        }

        elements[count++] = new Element(kind, id, (byte)length, (ushort)sourceOffset);
    }
}
