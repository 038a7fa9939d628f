using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// What one source sent that did not arrive: asked for after a tolerance for reordering, again each round trip, and given up by age or tries. Bounded:
/// a gap that does not fit is not asked for at all, since only a key frame mends it. Allocates nothing after its construction.
/// </summary>
public sealed class NackList
{
    public const int MaxMissing = 256;
    public const int MaxTries = 10;

    /// <summary>Packets of one frame overtake each other within this.</summary>
    public static readonly TimeSpan ReorderingTolerance = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan MinRepeat = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan MinAge = TimeSpan.FromMilliseconds(400);

    struct Missing
    {
        public long Number;
        public Instant NoticedAt;
        public Instant AskedAt;
        public Instant AskAt;
        public int Tries;
    }

    // In rising order.
    readonly Missing[] missing = new Missing[MaxMissing];
    int count;
    SequenceUnwrapper numbers;
    RoundTripEstimate roundTrip = new();

    /// <summary>When to ask, or to give up; <see cref="Instant.Never"/> when nothing is missing.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    public int Count => count;

    /// <summary>From a request to the packet: how long the publisher is away.</summary>
    public TimeSpan RoundTrip => roundTrip.Value;

    /// <summary>Numbers asked for so far, repetitions included.</summary>
    public long Asked { get; private set; }

    /// <summary>Packets given up so far.</summary>
    public long GivenUp { get; private set; }

    /// <summary>True once after packets were given up: pictures after them cannot be decoded.</summary>
    public bool TakeLoss()
    {
        var lost = hasLoss;
        hasLoss = false;
        return lost;
    }

    bool hasLoss;

    /// <summary>The source begins anew.</summary>
    public void Restart()
    {
        count = 0;
        numbers = default;
        NextDeadline = Instant.Never;
    }

    /// <summary>A packet that was missing is here, by whatever way. False when it was not missing.</summary>
    public bool TryResolve(Instant now, SequenceNumber sequence)
    {
        if (count == 0) return false;
        var index = Find(numbers.Peek(sequence));
        if (index < 0) return false;
        ref var entry = ref missing[index];
        // With one request there is no doubt which one is answered (Karn).
        if (entry.Tries == 1) roundTrip.Add(now - entry.AskedAt);
        missing.AsSpan(index + 1, count - index - 1).CopyTo(missing.AsSpan(index));
        count--;
        if (count == 0) NextDeadline = Instant.Never;
        return true;
    }

    /// <summary>The source goes on: what lies between is missing. False for a packet that is neither new nor missing: a copy, or given up.</summary>
    public bool TryAdvance(Instant now, SequenceNumber sequence)
    {
        if (!numbers.HasStarted)
        {
            numbers.Unwrap(sequence);
            return true;
        }

        var highest = numbers.Highest;
        var number = numbers.Unwrap(sequence);
        if (number <= highest) return false;
        var gap = number - highest - 1;
        if (gap == 0) return true;
        if (gap > MaxMissing - count)
        {
            GiveUp(count + gap);
            count = 0;
            NextDeadline = Instant.Never;
            return true;
        }

        var askAt = now + ReorderingTolerance;
        for (var one = highest + 1; one < number; one++) missing[count++] = new Missing { Number = one, NoticedAt = now, AskAt = askAt };
        NextDeadline = Instant.Min(NextDeadline, askAt);
        return true;
    }

    /// <summary>The numbers to ask for now, in rising order, as many as fit; those too old are forgotten.</summary>
    public int TakeDue(Instant now, Span<SequenceNumber> due)
    {
        if (now < NextDeadline) return 0;
        var maxAge = Max(roundTrip.Value * 4, MinAge);
        var repeat = Max(roundTrip.Value * 1.25, MinRepeat);
        var (kept, asked) = (0, 0);
        NextDeadline = Instant.Never;
        for (var i = 0; i < count; i++)
        {
            var entry = missing[i];
            if (now - entry.NoticedAt > maxAge || (entry.Tries == MaxTries && entry.AskAt <= now))
            {
                GiveUp(1);
                continue;
            }

            if (entry.AskAt <= now && asked < due.Length)
            {
                due[asked++] = new SequenceNumber((ushort)entry.Number);
                entry.Tries++;
                entry.AskedAt = now;
                entry.AskAt = now + repeat;
            }

            missing[kept++] = entry;
            NextDeadline = Instant.Min(NextDeadline, entry.AskAt);
        }

        count = kept;
        Asked += asked;
        return asked;
    }

    static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    void GiveUp(long packets)
    {
        GivenUp += packets;
        hasLoss = true;
    }

    int Find(long number)
    {
        var (low, high) = (0, count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (missing[middle].Number == number) return middle;
            if (missing[middle].Number < number) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }
}
