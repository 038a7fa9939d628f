using Realtime.Media.Core;
using Realtime.Media.Rtcp;

namespace Realtime.Media.Relay;

/// <summary>
/// Messages between two parts of a room, in order and none lost, beside the media: each is an RTCP APP packet (RFC 3550 §6.7, name <c>RTRL</c>), numbered, acknowledged by the number
/// that is expected next, and repeated until it is. Bounded: who falls <see cref="MaxWaiting"/> messages behind is lost. No clock, no socket.
/// <code>| SSRC | 'RTRL' | number (16) | expected next (16) | length (16) | message …, zeroes |</code>
/// </summary>
public sealed class RelayChannel(Ssrc own)
{
    public const int MaxWaiting = 4096;

    /// <summary>Of a packet.</summary>
    public const int MaxPacket = RtcpHeader.Size + HeaderLength + RelayMessage.MaxLength + 4;

    const uint Name = 0x5254524C;
    const int HeaderLength = 14;
    const int Window = 16;
    static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(100);

    readonly Queue<byte[]> waiting = new();
    readonly Queue<RelayMessage> received = new();
    readonly byte[] scratch = new byte[RelayMessage.MaxLength];
    ushort first;
    int sent;
    ushort expected;
    bool owesAnswer;
    Instant repeatAt = Instant.Never;

    /// <summary>The other side takes nothing any more.</summary>
    public bool IsLost { get; private set; }

    public Instant NextDeadline => owesAnswer || Math.Min(waiting.Count, Window) > sent ? Instant.Zero : repeatAt;

    public void Send(RelayMessage message)
    {
        if (!message.TryWrite(scratch, out var length)) return;
        if (waiting.Count == MaxWaiting)
        {
            IsLost = true;
            return;
        }

        waiting.Enqueue(scratch[..length]);
    }

    public bool HasMessages => received.Count > 0;

    public bool TryTake(out RelayMessage message) => received.TryDequeue(out message!);

    /// <summary>Begins a round of sending. False: nothing is due.</summary>
    public bool IsDue(Instant now)
    {
        if (now >= repeatAt) sent = 0;
        return owesAnswer || Math.Min(waiting.Count, Window) > sent;
    }

    /// <summary>The next packet of the round. False: it is over.</summary>
    public bool TryWriteNext(Instant now, Span<byte> destination, out int length)
    {
        length = 0;
        var isMessage = sent < Math.Min(waiting.Count, Window);
        if (!isMessage && !owesAnswer) return false;
        var message = isMessage ? waiting.ElementAt(sent) : [];
        var body = (HeaderLength + message.Length + 3) & ~3;
        var writer = new RtcpWriter(destination);
        if (!writer.TryBegin(RtcpPacketType.ApplicationDefined, 0, body, out var span)) return false;
        span.UInt32(own.Value);
        span.UInt32(Name);
        span.UInt16((ushort)(first + (isMessage ? sent : Window)));
        span.UInt16(expected);
        span.UInt16((ushort)message.Length);
        span.Bytes(message);
        length = writer.Length;
        owesAnswer = false;
        if (!isMessage) return true;
        sent++;
        repeatAt = now + RepeatAfter;
        return true;
    }

    /// <summary>False: it is not one of ours, and somebody else's to read.</summary>
    public bool TryReceive(ReadOnlySpan<byte> datagram)
    {
        if (!RtcpHeader.TryRead(datagram, out var header) || header.Type != RtcpPacketType.ApplicationDefined) return false;
        var reader = new SpanReader(datagram[RtcpHeader.Size..header.Length]);
        if (!reader.TryReadUInt32(out _) || !reader.TryReadUInt32(out var name) || name != Name) return false;
        if (!reader.TryReadUInt16(out var number) || !reader.TryReadUInt16(out var next) || !reader.TryReadUInt16(out var length) || !reader.TryReadBytes(length, out var bytes)) return true;
        Acknowledge(next);
        if (length == 0) return true;
        owesAnswer = true;
        if (number != expected || received.Count == MaxWaiting) return true;
        expected++;
        if (RelayMessage.TryRead(bytes, out var message)) received.Enqueue(message);
        return true;
    }

    void Acknowledge(ushort next)
    {
        var count = (ushort)(next - first);
        if (count == 0 || count > sent) return;
        for (var i = 0; i < count; i++) waiting.Dequeue();
        first = next;
        sent -= count;
        if (waiting.Count == 0) repeatAt = Instant.Never;
    }
}
