using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rtcp;

/// <summary>
/// The head of transport-wide congestion feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
/// <code>| sender SSRC | media SSRC | base sequence (16) | status count (16) | reference time (24, signed, 64 ms) | feedback count (8) | …</code>
/// </summary>
/// <param name="ReferenceTime">In units of 64 ms.</param>
public readonly record struct TransportFeedback(Ssrc Sender, Ssrc Media, SequenceNumber BaseSequence, int StatusCount, int ReferenceTime, byte FeedbackCount)
{
    /// <summary>Of the head, after the two SSRCs.</summary>
    public const int HeadLength = 8;

    /// <summary>The reference time's unit in ticks of arrival.</summary>
    public const int TicksPerReference = 256;

    /// <summary>One tick of arrival: 250 µs.</summary>
    public const long NanosecondsPerTick = 250_000;

    public static bool TryRead(in RtcpPacket packet, out TransportFeedback feedback)
    {
        feedback = default;
        if (!Feedback.TryRead(packet, RtcpPacketType.TransportFeedback, FeedbackFormat.TransportWideCc, out var sender, out var media, out var information)) return false;
        var reader = new SpanReader(information);
        if (!reader.TryReadUInt16(out var sequence) || !reader.TryReadUInt16(out var count)
            || !reader.TryReadUInt24(out var time) || !reader.TryReadByte(out var feedbackCount))
        {
            return false;
        }

        feedback = new TransportFeedback(sender, media, new SequenceNumber(sequence), count, (int)(time << 8) >> 8, feedbackCount);
        return true;
    }
}

/// <summary>
/// What follows the head: the statuses of consecutive numbers in chunks, then the time of each that arrived. All lengths are checked before
/// anything is handed out: enumerating cannot fail.
/// <code>
/// |0| S (2) |  run length (13)  |      a run of one status
/// |1|0|  14 statuses of 1 bit   |      0: not received, 1: received, small delta
/// |1|1|   7 statuses of 2 bits  |      0: not received, 1: small delta (8, unsigned), 2: large delta (16, signed), 3: not received
/// </code>
/// </summary>
public ref struct TransportFeedbackStatuses
{
    const int NotReceived = 0, Small = 1, Large = 2;

    ReadOnlySpan<byte> chunks;
    ReadOnlySpan<byte> deltas;
    int left;
    int chunk;
    int inChunk;

    /// <summary>False when chunks or deltas are missing.</summary>
    public static bool TryRead(in RtcpPacket packet, in TransportFeedback head, out TransportFeedbackStatuses statuses)
    {
        statuses = default;
        var body = packet.Body[(Feedback.HeaderLength + TransportFeedback.HeadLength)..];
        var (position, left, deltaBytes) = (0, head.StatusCount, 0);
        while (left > 0)
        {
            if (body.Length - position < 2) return false;
            var chunk = BinaryPrimitives.ReadUInt16BigEndian(body[position..]);
            position += 2;
            var length = Math.Min(LengthOf(chunk), left);
            if (IsRun(chunk)) deltaBytes += length * DeltaLength(SymbolOf(chunk, 0));
            else for (var i = 0; i < length; i++) deltaBytes += DeltaLength(SymbolOf(chunk, i));
            left -= length;
        }

        if (body.Length - position < deltaBytes) return false;
        statuses.chunks = body[..position];
        statuses.deltas = body[position..];
        statuses.left = head.StatusCount;
        return true;
    }

    /// <summary>The next number's status.</summary>
    /// <param name="delta">Ticks since the packet received before it, or since the reference time.</param>
    public bool TryNext(out bool isReceived, out int delta)
    {
        (isReceived, delta) = (false, 0);
        if (left == 0) return false;
        while (inChunk == 0)
        {
            chunk = BinaryPrimitives.ReadUInt16BigEndian(chunks);
            chunks = chunks[2..];
            inChunk = LengthOf(chunk);
        }

        var symbol = SymbolOf(chunk, LengthOf(chunk) - inChunk);
        inChunk--;
        left--;
        switch (symbol)
        {
            case Small:
                isReceived = true;
                delta = deltas[0];
                deltas = deltas[1..];
                break;
            case Large:
                isReceived = true;
                delta = BinaryPrimitives.ReadInt16BigEndian(deltas);
                deltas = deltas[2..];
                break;
        }

        return true;
    }

    static bool IsRun(int chunk) => (chunk & 0x8000) == 0;

    static int LengthOf(int chunk) => IsRun(chunk) ? chunk & 0x1FFF : (chunk & 0x4000) == 0 ? 14 : 7;

    static int SymbolOf(int chunk, int index) => IsRun(chunk) ? (chunk >> 13) & 3
        : (chunk & 0x4000) == 0 ? (chunk >> (13 - index)) & 1
        : (chunk >> (12 - (2 * index))) & 3;

    static int DeltaLength(int symbol) => symbol is Small or Large ? symbol : NotReceived;
}
