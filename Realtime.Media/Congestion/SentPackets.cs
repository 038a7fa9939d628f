using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;

namespace Realtime.Media.Congestion;

/// <summary>
/// What was sent to one peer under which transport-wide number, until it says what became of it: one run of numbers across audio, video, repairs and
/// padding, which goes on through ICE restarts and changes of path. Bounded: a ring that doubles while what it overwrites is younger than a second, up to
/// <see cref="MaxCapacity"/>; what is older has no say any more.
/// </summary>
public sealed class SentPackets
{
    public const int MaxCapacity = 8192;

    const int FirstCapacity = 256;

    /// <summary>Answers that take longer are of no use.</summary>
    static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    enum Fate : byte
    {
        None,
        Unknown,
        Lost,
        Arrived,
    }

    struct Entry
    {
        public Instant SentAt;
        public int Length;
        public byte Probe;
        public Fate Fate;
    }

    Entry[] entries = new Entry[FirstCapacity];
    // Far from zero, so that no number before the first is negative.
    long next = 1L << 16;
    long reference;
    int lastReference;
    bool hasReference;

    /// <summary>Of the packet to be sent next.</summary>
    public SequenceNumber Next => new((ushort)next);

    /// <summary>All bytes sent so far.</summary>
    public long Bytes { get; private set; }

    public long Packets => next - (1L << 16);

    /// <summary>The packet written under <see cref="Next"/> leaves now, or waits for <see cref="Departed"/>.</summary>
    /// <param name="probe">The cluster it belongs to; 0: none.</param>
    /// <returns>Its number.</returns>
    public long Add(Instant now, int length, byte probe)
    {
        ref var entry = ref entries[next & (entries.Length - 1)];
        if (entry.Fate == Fate.Unknown && now - entry.SentAt < Kept && entries.Length < MaxCapacity)
        {
            Grow();
            entry = ref entries[next & (entries.Length - 1)];
        }

        entry = new Entry { SentAt = now, Length = length, Probe = probe, Fate = Fate.Unknown };
        Bytes += length;
        return next++;
    }

    /// <summary>It left only now.</summary>
    public void Departed(long number, Instant now)
    {
        if (IsKept(number)) entries[number & (entries.Length - 1)].SentAt = now;
    }

    /// <summary>Takes in one feedback packet and tells the estimator what it says, number by number.</summary>
    /// <param name="budget">Numbers that may still be looked at; what goes beyond is passed over.</param>
    public void Take(in TransportFeedback head, TransportFeedbackStatuses statuses, BandwidthEstimator estimator, ref int budget)
    {
        var arrival = ReferenceOf(head);
        var newest = new SequenceNumber((ushort)(next - 1));
        var number = next - 1 + head.BaseSequence.DistanceFrom(newest);
        for (; budget > 0 && statuses.TryNext(out var isReceived, out var delta); number++, budget--)
        {
            arrival += delta;
            if (!IsKept(number)) continue;
            ref var entry = ref entries[number & (entries.Length - 1)];
            if (isReceived)
            {
                if (entry.Fate == Fate.Arrived) continue;
                estimator.Arrived(entry.SentAt, new Instant(arrival * TransportFeedback.NanosecondsPerTick), entry.Length, entry.Probe, wasLost: entry.Fate == Fate.Lost);
                entry.Fate = Fate.Arrived;
            }
            else if (entry.Fate == Fate.Unknown)
            {
                entry.Fate = Fate.Lost;
                estimator.Lost();
            }
        }
    }

    /// <summary>In ticks on the receiver's clock, from an arbitrary origin: 24 bits of 64 ms wrap after twelve days.</summary>
    long ReferenceOf(in TransportFeedback head)
    {
        var step = ((head.ReferenceTime - lastReference) << 8) >> 8;
        reference = hasReference ? reference + step : 1L << 24;
        (lastReference, hasReference) = (head.ReferenceTime, true);
        return reference * TransportFeedback.TicksPerReference;
    }

    bool IsKept(long number) => number < next && number >= next - entries.Length && entries[number & (entries.Length - 1)].Fate != Fate.None;

    void Grow()
    {
        var old = entries;
        entries = new Entry[old.Length * 2];
        for (var number = next - old.Length; number < next; number++) entries[number & (entries.Length - 1)] = old[number & (old.Length - 1)];
    }
}
