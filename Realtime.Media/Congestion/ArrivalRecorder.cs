using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;

namespace Realtime.Media.Congestion;

/// <summary>
/// When a peer's packets arrived, by their transport-wide number, until it has been told: the receiving half of transport-wide congestion control. Each
/// number is told once, or again when one before it came late. Bounded: numbers that lie further behind than the ring are forgotten. Allocates once, at the
/// first packet.
/// </summary>
public sealed class ArrivalRecorder
{
    /// <summary>Half a second of what one peer may send.</summary>
    const int Capacity = 2048;

    /// <summary>A number this far behind what was told is told of once more; one from further back is of no use to anybody.</summary>
    const int MaxLate = 500;

    /// <summary>What a feedback packet costs beside its statuses: IP, UDP, SRTCP, a report's head.</summary>
    const int Overhead = 28 + 14 + 8 + 20;

    static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan MaxInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>So long a sender looks for its rate, and is told more often.</summary>
    static readonly TimeSpan Beginning = TimeSpan.FromSeconds(2);

    Instant[]? arrivals;
    SequenceUnwrapper numbers;
    long next;
    int bytes;
    Instant startedAt;
    Instant toldAt;
    TimeSpan interval = MinInterval;

    /// <summary>When to tell; <see cref="Instant.Never"/> while there is nothing to.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Packets of feedback so far, of which each carries the low bits.</summary>
    public byte Count { get; private set; }

    /// <summary>An authentic packet carried this number.</summary>
    /// <param name="length">Of the datagram, in bytes.</param>
    public void Arrived(Instant now, SequenceNumber sequence, int length)
    {
        bytes += length;
        if (arrivals is null)
        {
            arrivals = new Instant[Capacity];
            Array.Fill(arrivals, Instant.Never);
            next = numbers.Peek(sequence);
            startedAt = toldAt = now;
        }

        var highest = numbers.HasStarted ? numbers.Highest : next - 1;
        var number = numbers.Unwrap(sequence);
        if (number > highest) Forget(highest + 1, number);
        else if (highest - number >= Capacity || !arrivals[Slot(number)].IsNever) return;
        if (number < next)
        {
            if (next - number > MaxLate) return;
            next = number;
        }

        arrivals[Slot(number)] = now;
        if (NextDeadline.IsNever) NextDeadline = toldAt + interval > now ? toldAt + interval : now;
    }

    /// <summary>Writes what is due, as much as fits into one packet; <see cref="NextDeadline"/> says whether more is. False: nothing was written.</summary>
    public bool TryWrite(Instant now, ref RtcpWriter writer, Ssrc sender, Ssrc media)
    {
        if (now < NextDeadline || arrivals is null) return false;
        // What a sender left out, or lost so long ago that it is forgotten, is not told of at the beginning of a packet.
        next = Math.Max(next, numbers.Highest - Capacity + 1);
        while (next <= numbers.Highest && arrivals[Slot(next)].IsNever) next++;
        if (next > numbers.Highest)
        {
            NextDeadline = Instant.Never;
            return false;
        }

        var before = writer.Length;
        var told = TransportFeedbackWriter.Write(ref writer, sender, media, next, (int)(numbers.Highest - next + 1), arrivals, Count);
        if (told == 0) return false;
        next += told;
        Count++;
        if (next > numbers.Highest) Told(now, writer.Length - before + Overhead);
        return true;
    }

    /// <summary>All is told: the next time no sooner than leaves feedback a twentieth of what is received.</summary>
    void Told(Instant now, int length)
    {
        var least = now - startedAt < Beginning ? MinInterval : Interval;
        var fair = bytes > 0 ? (now - toldAt) * (20.0 * length / bytes) : MaxInterval;
        interval = fair > MaxInterval ? MaxInterval : fair < least ? least : fair;
        (toldAt, bytes, NextDeadline) = (now, 0, Instant.Never);
    }

    /// <summary>The slots of numbers that have come into reach hold nothing yet.</summary>
    void Forget(long from, long to)
    {
        if (to - from >= Capacity) Array.Fill(arrivals!, Instant.Never);
        else for (var number = from; number < to; number++) arrivals![Slot(number)] = Instant.Never;
    }

    static int Slot(long number) => (int)(number & (Capacity - 1));
}
