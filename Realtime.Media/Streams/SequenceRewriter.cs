using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// Gives a subscriber's stream one unbroken run of sequence numbers, whatever source plays in it, however often it pauses, and whichever packets of the source
/// are left out. Losses of the publisher stay visible as gaps, packets late from before a start are refused. The latest places where something was left out are
/// remembered, so that late and repeated packets get the numbers that were meant for them.
/// </summary>
public struct SequenceRewriter(SequenceNumber first)
{
    /// <summary>Two seconds of every second frame.</summary>
    const int Remembered = 64;

    /// <summary>From a number of the source on, until the next one.</summary>
    struct Run
    {
        public long From;
        public long Offset;
        public ushort PicturesLeftOut;
    }

    SequenceUnwrapper input;
    Run run;
    long startedAt;
    // Far from the wrap, so that no number before the first is ever negative.
    long highest = (1L << 16) + first.Value - 1;
    bool running;

    // Made when the first packet is left out: most streams are forwarded whole.
    Run[]? earlier;
    int earlierCount;
    int newest;

    public readonly SequenceNumber Highest => new((ushort)highest);

    /// <summary>Pictures left out before the packet that was mapped last.</summary>
    public ushort PicturesLeftOut { get; private set; }

    /// <summary>The next packet mapped continues right after the highest number sent.</summary>
    public void Restart() => running = false;

    /// <summary>False for a packet from before the start, or from longer ago than is remembered.</summary>
    public bool TryMap(SequenceNumber sequence, out SequenceNumber mapped)
    {
        if (!running) Start(sequence);
        var extended = input.Unwrap(sequence);
        mapped = default;
        if (extended < startedAt || !TryFind(extended, out var at)) return false;
        PicturesLeftOut = at.PicturesLeftOut;
        var output = extended + at.Offset;
        mapped = new SequenceNumber((ushort)output);
        highest = Math.Max(highest, output);
        return true;
    }

    /// <summary>Later than all so far. Of a packet that comes late the number was given away before: left out, it stays a gap.</summary>
    public readonly bool IsAhead(SequenceNumber sequence) => running && input.Peek(sequence) > input.Highest;

    /// <summary>This packet, which is ahead, is not sent: what follows it takes its number.</summary>
    /// <param name="beginsPicture">Of its picture nothing was left out before.</param>
    public void LeaveOut(SequenceNumber sequence, bool beginsPicture)
    {
        var extended = input.Unwrap(sequence);
        if (run.From < extended) Remember(run);
        run = new Run
        {
            From = extended + 1,
            Offset = run.Offset - 1,
            PicturesLeftOut = (ushort)(run.PicturesLeftOut + (beginsPicture ? 1 : 0)),
        };
    }

    /// <summary>The source's number of a packet that was sent under <paramref name="mapped"/>. False when that was before the start, or is yet to come.</summary>
    public readonly bool TryInvert(SequenceNumber mapped, out SequenceNumber sequence, out ushort picturesLeftOut)
    {
        var output = highest + mapped.DistanceFrom(Highest);
        (sequence, picturesLeftOut) = (default, 0);
        if (!running || output > highest) return false;
        var at = run;
        for (var back = 0; output < at.From + at.Offset; back++)
        {
            if (back == earlierCount) return false;
            at = earlier![(newest - back + Remembered) % Remembered];
        }

        sequence = new SequenceNumber((ushort)(output - at.Offset));
        picturesLeftOut = at.PicturesLeftOut;
        return true;
    }

    void Start(SequenceNumber sequence)
    {
        running = true;
        input = default;
        startedAt = input.Unwrap(sequence);
        run = new Run { From = startedAt, Offset = highest + 1 - startedAt };
        earlierCount = 0;
    }

    readonly bool TryFind(long extended, out Run at)
    {
        at = run;
        var end = long.MaxValue;
        for (var back = 0; extended < at.From; back++)
        {
            if (back == earlierCount) return false;
            end = at.From + at.Offset;
            at = earlier![(newest - back + Remembered) % Remembered];
        }

        // A copy of one that was left out: its number is another's by now, and under one number nothing may be encrypted twice.
        return extended + at.Offset < end;
    }

    void Remember(in Run passed)
    {
        earlier ??= new Run[Remembered];
        newest = (newest + 1) % Remembered;
        earlier[newest] = passed;
        earlierCount = Math.Min(earlierCount + 1, Remembered);
    }
}
