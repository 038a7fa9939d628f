using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rtcp;

/// <summary>
/// Packets a receiver misses (RFC 4585 §6.2.1). Each entry names one and, by a bit mask, up to sixteen that follow it.
/// <code>| sender SSRC | media SSRC | (PID (16) | BLP (16)) … |</code>
/// </summary>
public readonly ref struct GenericNack
{
    const int EntryLength = 4;
    const int MaskBits = 16;

    readonly ReadOnlySpan<byte> entries;

    GenericNack(Ssrc sender, Ssrc media, ReadOnlySpan<byte> entries)
    {
        Sender = sender;
        Media = media;
        this.entries = entries;
    }

    public Ssrc Sender { get; }

    public Ssrc Media { get; }

    public static bool TryRead(in RtcpPacket packet, out GenericNack nack)
    {
        nack = default;
        if (!Feedback.TryRead(packet, RtcpPacketType.TransportFeedback, FeedbackFormat.GenericNack, out var sender, out var media, out var entries)) return false;
        if (entries.IsEmpty) return false;
        nack = new GenericNack(sender, media, entries);
        return true;
    }

    /// <param name="missing">In rising order; those within sixteen of one another share an entry.</param>
    public static bool Write(ref RtcpWriter writer, Ssrc sender, Ssrc media, scoped ReadOnlySpan<SequenceNumber> missing)
    {
        var count = 0;
        for (var i = 0; i < missing.Length; count++) i = EndOfEntry(missing, i, out _);
        if (count == 0) return true;
        if (!writer.TryBeginFeedback(RtcpPacketType.TransportFeedback, FeedbackFormat.GenericNack, sender, media, count * EntryLength, out var body)) return false;
        for (var i = 0; i < missing.Length;)
        {
            body.UInt16(missing[i].Value);
            i = EndOfEntry(missing, i, out var mask);
            body.UInt16(mask);
        }

        return true;
    }

    public Enumerator GetEnumerator() => new(entries);

    static int EndOfEntry(ReadOnlySpan<SequenceNumber> missing, int start, out ushort mask)
    {
        mask = 0;
        var i = start + 1;
        for (; i < missing.Length; i++)
        {
            var distance = missing[i].DistanceFrom(missing[start]);
            if (distance is < 1 or > MaskBits) break;
            mask |= (ushort)(1 << (distance - 1));
        }

        return i;
    }

    public ref struct Enumerator
    {
        readonly ReadOnlySpan<byte> entries;
        int position;
        int bit;

        internal Enumerator(ReadOnlySpan<byte> entries) => this.entries = entries;

        public SequenceNumber Current { get; private set; }

        public bool MoveNext()
        {
            while (entries.Length - position >= EntryLength)
            {
                var first = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(entries[position..]));
                if (bit == 0)
                {
                    bit = 1;
                    Current = first;
                    return true;
                }

                var mask = BinaryPrimitives.ReadUInt16BigEndian(entries[(position + 2)..]);
                while (bit <= MaskBits)
                {
                    var distance = bit++;
                    if ((mask & (1 << (distance - 1))) == 0) continue;
                    Current = first + distance;
                    return true;
                }

                position += EntryLength;
                bit = 0;
            }

            return false;
        }
    }
}
