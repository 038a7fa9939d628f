namespace Realtime.Media.Rtp;

/// <summary>
/// Extends 16-bit sequence numbers to 64 bits that never wrap. Each value is taken to lie within half the range of the highest
/// one so far, so late packets get their old numbers. Starts in the first cycle (65536 + first), so that packets from before the first are positive.
/// </summary>
public struct SequenceUnwrapper
{
    const long FirstCycle = 1L << 16;
    long highest;

    public readonly bool HasStarted => highest != 0;

    /// <summary>The highest number seen; 0 before the first.</summary>
    public readonly long Highest => highest;

    /// <summary>What <paramref name="sequence"/> extends to; remembers nothing.</summary>
    public readonly long Peek(SequenceNumber sequence) => highest == 0
        ? FirstCycle + sequence.Value
        : highest + sequence.DistanceFrom(new SequenceNumber((ushort)highest));

    public long Unwrap(SequenceNumber sequence)
    {
        var extended = Peek(sequence);
        if (extended > highest) highest = extended;
        return extended;
    }
}
