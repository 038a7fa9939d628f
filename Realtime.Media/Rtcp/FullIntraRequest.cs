using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Rtcp;

/// <summary>A command for a key frame from each source named (RFC 5104 §4.3.1). <code>| sender SSRC | 0 | (SSRC | seq (8) | reserved (24)) … |</code></summary>
public readonly ref struct FullIntraRequest
{
    const int EntryLength = 8;

    readonly ReadOnlySpan<byte> entries;

    FullIntraRequest(Ssrc sender, ReadOnlySpan<byte> entries)
    {
        Sender = sender;
        this.entries = entries;
    }

    /// <param name="Sequence">Rises with each new command; a repeated number is the same command.</param>
    public readonly record struct Entry(Ssrc Media, byte Sequence);

    public Ssrc Sender { get; }

    public int Count => entries.Length / EntryLength;

    public Entry this[int index]
    {
        get
        {
            var entry = entries.Slice(index * EntryLength, EntryLength);
            return new Entry(new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(entry)), entry[4]);
        }
    }

    public static bool TryRead(in RtcpPacket packet, out FullIntraRequest request)
    {
        request = default;
        if (!Feedback.TryRead(packet, RtcpPacketType.PayloadFeedback, FeedbackFormat.FullIntraRequest, out var sender, out _, out var entries)) return false;
        if (entries.Length < EntryLength) return false;
        request = new FullIntraRequest(sender, entries);
        return true;
    }

    public static bool Write(ref RtcpWriter writer, Ssrc sender, Entry entry)
    {
        if (!writer.TryBeginFeedback(RtcpPacketType.PayloadFeedback, FeedbackFormat.FullIntraRequest, sender, default, EntryLength, out var body)) return false;
        body.UInt32(entry.Media.Value);
        body.Byte(entry.Sequence);
        return true;
    }
}
