using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>
/// Gives a subscriber's stream one unbroken run of sequence numbers, whatever source plays in it and however often it pauses. Losses
/// of the publisher stay visible as gaps, packets late from before a start are refused.
/// </summary>
public struct SequenceRewriter(SequenceNumber first)
{
    SequenceUnwrapper input;
    long offset;
    long startedAt;
    // Far from the wrap, so that no number before the first is ever negative.
    long highest = (1L << 16) + first.Value - 1;
    bool running;

    public readonly SequenceNumber Highest => new((ushort)highest);

    /// <summary>The next packet mapped continues right after the highest number sent.</summary>
    public void Restart() => running = false;

    /// <summary>False for a packet from before the start.</summary>
    public bool TryMap(SequenceNumber sequence, out SequenceNumber mapped)
    {
        if (!running)
        {
            running = true;
            input = default;
            startedAt = input.Unwrap(sequence);
            offset = highest + 1 - startedAt;
        }

        var extended = input.Unwrap(sequence);
        var output = extended + offset;
        mapped = new SequenceNumber((ushort)output);
        if (extended < startedAt) return false;
        highest = Math.Max(highest, output);
        return true;
    }

    /// <summary>The source's number of a packet that was sent under <paramref name="mapped"/>. False when that was before the start, or is yet to come.</summary>
    public readonly bool TryInvert(SequenceNumber mapped, out SequenceNumber sequence)
    {
        var output = highest + mapped.DistanceFrom(Highest);
        var extended = output - offset;
        sequence = new SequenceNumber((ushort)extended);
        return running && output <= highest && extended >= startedAt;
    }
}
