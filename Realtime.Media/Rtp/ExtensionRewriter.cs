namespace Realtime.Media.Rtp;

/// <summary>What the forwarding path wants in a subscriber's copy of a packet, besides the publisher's own extensions.</summary>
/// <param name="mid">The subscriber's section, ASCII; empty leaves the MID extension out.</param>
public readonly ref struct ForwardedHeader(RtpHeaderFields fields, ReadOnlySpan<byte> mid, AbsSendTime sentAt)
{
    public RtpHeaderFields Fields { get; } = fields;

    public ReadOnlySpan<byte> Mid { get; } = mid;

    public AbsSendTime SentAt { get; } = sentAt;

    /// <summary>For the copy of a dependency descriptor.</summary>
    public ActiveTargetsEdit Targets { get; init; }
}

/// <summary>Where the header just written ends, and its slots to fill later.</summary>
/// <param name="Length">Bytes before the payload.</param>
/// <param name="TransportSequenceOffset">Of two zero bytes for the transport-wide sequence number; 0 when not negotiated.</param>
/// <param name="AbsSendTimeOffset">Of the three bytes of send time; 0 when not negotiated.</param>
/// <param name="DependencyDescriptor">Where the copy of it lies; empty when there is none.</param>
public readonly record struct WrittenHeader(int Length, int TransportSequenceOffset, int AbsSendTimeOffset, Range DependencyDescriptor);

/// <summary>
/// Writes a publisher's header anew for one subscriber: fixed fields replaced, extension ids mapped from the one's numbers to the
/// other's, and left out what the subscriber did not negotiate. MID, send time and transport-wide sequence belong to the hop and
/// are written fresh; rid, repaired-rid and the allocation of layers belong to the publisher's hop and are dropped. Contributing sources are kept. The payload is not copied
/// (the caller encrypts it from the one buffer into the other), padding is not carried over. Allocates nothing.
/// </summary>
public static class ExtensionRewriter
{
    const int TransportSequenceLength = 2;

    /// <summary>False only when the destination is too short; what it holds then is of no use.</summary>
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
        var start = RtpHeader.MinLength;
        if (header.CsrcCount > 0)
        {
            var csrcs = packet.Slice(RtpHeader.MinLength, header.CsrcCount * 4);
            if (!csrcs.TryCopyTo(destination[start..])) return false;
            destination[0] |= (byte)header.CsrcCount;
            start += csrcs.Length;
        }

        // Nearly every packet fits the one-byte form: try that, and begin again when an element does not.
        var source = header.Extensions(packet);
        var copy = new HeaderCopy(destination, start, subscriber, twoByte: false);
        copy.AddAll(source, publisher, forwarded);
        if (copy.NeedsTwoByte)
        {
            copy = new HeaderCopy(destination, start, subscriber, twoByte: true);
            copy.AddAll(source, publisher, forwarded);
        }

        return copy.TryFinish(out written);
    }

    static bool IsPerHop(ExtensionKind kind) => kind
        is ExtensionKind.Mid or ExtensionKind.Rid or ExtensionKind.RepairedRid
        or ExtensionKind.TransportCc or ExtensionKind.AbsSendTime or ExtensionKind.TransmissionOffset or ExtensionKind.VideoLayersAllocation;

    /// <summary>The extension under way, in one of the two forms.</summary>
    ref struct HeaderCopy(Span<byte> destination, int start, ExtensionMap subscriber, bool twoByte)
    {
        readonly Span<byte> destination = destination;
        RtpExtensionWriter writer = new(destination[start..], twoByte);
        bool isEmpty = true;
        int transportSequence;
        int absSendTime;
        Range dependencyDescriptor;

        /// <summary>An element was met that this form cannot hold and the subscriber takes in the other.</summary>
        public bool NeedsTwoByte { get; private set; }

        public void AddAll(RtpExtensions source, ExtensionMap publisher, in ForwardedHeader forwarded)
        {
            if (!forwarded.Mid.IsEmpty && TryAdd(ExtensionKind.Mid, forwarded.Mid.Length, out var slot, out _)) forwarded.Mid.CopyTo(slot);
            if (TryAdd(ExtensionKind.TransportCc, TransportSequenceLength, out slot, out transportSequence)) slot.Clear();
            if (TryAdd(ExtensionKind.AbsSendTime, AbsSendTime.Length, out slot, out absSendTime)) forwarded.SentAt.Write(slot);
            foreach (var element in source)
            {
                var kind = publisher.KindOf(element.Id);
                if (kind == ExtensionKind.None || IsPerHop(kind)) continue;
                if (kind == ExtensionKind.DependencyDescriptor)
                {
                    AddDescriptor(element.Value, forwarded.Targets);
                    continue;
                }

                if (TryAdd(kind, element.Value.Length, out slot, out _)) element.Value.CopyTo(slot);
            }
        }

        void AddDescriptor(ReadOnlySpan<byte> value, in ActiveTargetsEdit edit)
        {
            var length = edit.IsNeeded ? DependencyDescriptor.LengthWithTargets(value.Length, edit) : value.Length;
            if (!TryAdd(ExtensionKind.DependencyDescriptor, length, out var slot, out var offset)) return;
            if (edit.IsNeeded) DependencyDescriptor.WriteActiveTargets(value, edit, slot);
            else value.CopyTo(slot);
            dependencyDescriptor = offset..(offset + slot.Length);
        }

        public bool TryFinish(out WrittenHeader written)
        {
            written = new WrittenHeader(start, 0, 0, default);
            if (isEmpty) return true;
            var length = writer.Finish();
            if (length == 0) return false;
            destination[0] |= 0x10;
            written = new WrittenHeader(start + length, transportSequence, absSendTime, dependencyDescriptor);
            return true;
        }

        /// <summary>False when the subscriber does not get it, or nothing more fits (the writer remembers).</summary>
        bool TryAdd(ExtensionKind kind, int length, out Span<byte> slot, out int offset)
        {
            slot = default;
            offset = 0;
            var id = subscriber.IdOf(kind);
            if (id == 0) return false;
            if (!twoByte && !RtpExtensionWriter.FitsOneByte(id, length))
            {
                NeedsTwoByte |= subscriber.AllowsTwoByte;
                return false;
            }

            isEmpty = false;
            slot = writer.Add(id, length, out offset);
            offset += start;
            return !writer.Failed;
        }
    }
}
