using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// The retransmission stream beside one subscriber's stream (RFC 4588): its own SSRC and sequence. A packet is sent again at most once per round trip and
/// <see cref="MaxTimes"/> in all, and all repetitions together stay within half of what the subscriber is sent: one who reports everything lost gets
/// no second stream of it.
/// </summary>
public sealed class RtxSender(Ssrc ssrc, SequenceNumber first)
{
    public const int MaxTimes = 10;

    /// <summary>Bytes of repetition that may be saved up: a lost key frame.</summary>
    public const int MaxCredit = 128 << 10;

    /// <summary>So that what is lost at the very start can be mended.</summary>
    const int FirstCredit = 32 << 10;

    /// <summary>Repetitions remembered; a newer packet takes the place of an older one.</summary>
    const int Remembered = 256;

    struct Repetition
    {
        public Instant At;
        public ushort Sequence;
        public byte Times;
    }

    // Made at the first request: most subscribers lose nothing.
    Repetition[]? repetitions;
    SequenceNumber next = first;
    int credit = FirstCredit;

    public Ssrc Ssrc => ssrc;

    /// <summary>The subscriber's number for RTX of what plays; null when it negotiated none for that codec.</summary>
    public PayloadType? PayloadType { get; set; }

    public long PacketsSent { get; private set; }

    /// <summary>The stream itself sent this much.</summary>
    public void Earn(int bytes) => credit = Math.Min(MaxCredit, credit + (bytes / 2));

    /// <summary>Whether the packet may be sent again now; if so it counts as sent.</summary>
    /// <param name="missed">The subscriber's own number of it.</param>
    public bool TryTake(Instant now, SequenceNumber missed, int length, TimeSpan roundTrip)
    {
        if (length > credit) return false;
        repetitions ??= new Repetition[Remembered];
        ref var slot = ref repetitions[missed.Value & (Remembered - 1)];
        if (slot.Times > 0 && slot.Sequence == missed.Value)
        {
            if (slot.Times == MaxTimes || now - slot.At < roundTrip) return false;
        }
        else
        {
            slot = new Repetition { Sequence = missed.Value };
        }

        slot.At = now;
        slot.Times++;
        credit -= length;
        return true;
    }

    public SequenceNumber NextSequence()
    {
        var sequence = next;
        next = next.Next;
        PacketsSent++;
        return sequence;
    }
}
