using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// The media packets of one turn, kept until its end, so that each subscriber gets all of a frame at once: what is known of a subscriber comes into
/// the processor's cache once for the frame rather than once for each packet, and its packets leave as one run. Bounded: what does not
/// fit is a counted drop, but whoever fills it forwards as soon as <see cref="IsFull"/>. Allocates nothing after construction.
/// </summary>
public sealed class PacketBurst
{
    const int MaxPackets = 512;
    const int MaxBytes = MaxPackets * 1280;

    /// <summary>Packets that differ by more are not worth making equal.</summary>
    const int MaxPadding = 16;

    /// <summary>No datagram is longer.</summary>
    const int LongestPacket = 1 << 16;

    readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(MaxBytes);
    readonly Entry[] entries = new Entry[MaxPackets];
    readonly int[] frame = new int[MaxPackets];
    int used;
    int count;
    int first;
    int frameLength;
    int nextSubscription;

    struct Entry
    {
        /// <summary>Null when it is done with.</summary>
        public Room? Room;
        public Participant Publisher;
        public int Offset;
        public int Length;
        public RtpHeader Header;
        public ReceiveStream Source;
        public int Generation;
        public Instant ArrivedAt;
        public bool IsRepaired;
        public PictureNumbers Numbers;
        public PacketLayer Layer;
        public bool StartsDecoding;
        public int Padding;
    }

    public bool IsEmpty => count == 0;

    /// <summary>When the oldest of them came; never without one.</summary>
    public Instant WaitsSince => count == 0 ? Instant.Never : entries[0].ArrivedAt;

    /// <summary>The next packet may not fit.</summary>
    public bool IsFull => count == MaxPackets || MaxBytes - used < LongestPacket;

    /// <summary>Copies a packet in. False when it does not fit.</summary>
    public bool TryAdd(Room room, Participant publisher, in MediaPacket packet)
    {
        if (count == MaxPackets || packet.Packet.Length > MaxBytes - used) return false;
        packet.Packet.CopyTo(bytes.AsSpan(used));
        entries[count++] = new Entry
        {
            Room = room,
            Publisher = publisher,
            Offset = used,
            Length = packet.Packet.Length,
            Header = packet.Header,
            Source = packet.Source!,
            Generation = packet.Source!.Generation,
            ArrivedAt = packet.ArrivedAt,
            IsRepaired = packet.IsRepaired,
            Numbers = packet.Numbers,
            Layer = packet.Layer,
            StartsDecoding = packet.StartsDecoding,
            Padding = 0,
        };
        used += packet.Packet.Length;
        return true;
    }

    /// <summary>
    /// Forwards the packets of one source, until all its subscribers have them (true: the room is to be settled) or the outbox is to be sent
    /// before it goes on (false). After an exception, which is the publisher's, <see cref="EndFrame"/> goes on without them.
    /// </summary>
    public bool TryForward(Instant now, Outbox outbox, out Room room, out Participant publisher)
    {
        while (entries[first].Room is null) first++;
        (room, publisher) = (entries[first].Room!, entries[first].Publisher);
        if (frameLength == 0) Collect();
        if (frameLength > 0 && !room.TryForward(now, this, frame.AsSpan(0, frameLength), ref nextSubscription, outbox)) return false;
        EndFrame();
        return true;
    }

    /// <summary>The packets under way are done with.</summary>
    public void EndFrame()
    {
        foreach (var index in frame.AsSpan(0, frameLength)) entries[index].Room = null;
        (frameLength, nextSubscription) = (0, 0);
        for (; first < count; first++)
        {
            if (entries[first].Room is not null) return;
        }

        used = count = first = 0;
    }

    public void Clear()
    {
        Array.Clear(entries, 0, count);
        used = count = first = frameLength = nextSubscription = 0;
    }

    /// <summary>As it was put in.</summary>
    internal MediaPacket this[int index]
    {
        get
        {
            ref readonly var entry = ref entries[index];
            return new MediaPacket
            {
                Packet = bytes.AsSpan(entry.Offset, entry.Length),
                Header = entry.Header,
                Source = entry.Source,
                ArrivedAt = entry.ArrivedAt,
                IsRepaired = entry.IsRepaired,
                Numbers = entry.Numbers,
                Layer = entry.Layer,
                StartsDecoding = entry.StartsDecoding,
                Padding = entry.Padding,
            };
        }
    }

    internal ReceiveStream SourceOf(int index) => entries[index].Source;

    /// <summary>All packets of the source whose packet is the first, in their order.</summary>
    void Collect()
    {
        var source = entries[first].Source;
        var longest = 0;
        for (var i = first; i < count; i++)
        {
            if (entries[i].Room is null || entries[i].Source != source) continue;
            if (entries[i].Generation != source.Generation)
            {
                // Another SSRC took over behind it: its numbers have nothing to do with what is sent from now on.
                entries[i].Room = null;
                continue;
            }

            frame[frameLength++] = i;
            longest = Math.Max(longest, entries[i].Header.PayloadLength);
        }

        // The last of a run may be shorter, but whether this one is the last for every subscriber is not known here.
        foreach (var index in frame.AsSpan(0, frameLength))
        {
            var missing = longest - entries[index].Header.PayloadLength;
            entries[index].Padding = missing <= MaxPadding ? missing : 0;
        }
    }
}
