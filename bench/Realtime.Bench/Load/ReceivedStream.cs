using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Bench.Load;

/// <summary>What one client got of one SSRC: counted and put in order by the sequence numbers in the clear.</summary>
sealed class ReceivedStream(Ssrc ssrc)
{
    /// <summary>Numbers up to the highest one that are told apart from repetitions.</summary>
    const int Window = 64;

    SequenceUnwrapper sequence;
    ulong seen;
    long numberOffset;
    bool hasOffset;

    public Ssrc Ssrc { get; } = ssrc;

    public long Received { get; private set; }

    public long Repeated { get; private set; }

    /// <summary>Came after one with a higher number.</summary>
    public long Late { get; private set; }

    /// <summary>Sampled packets whose place in the stream is not that in which they were sent.</summary>
    public long Misplaced { get; private set; }

    public uint HighestSequence => (uint)sequence.Highest;

    /// <summary>What came so far is no part of what is counted.</summary>
    public void Reset() => Received = Repeated = Late = Misplaced = 0;

    public long Count(SequenceNumber number)
    {
        var highest = sequence.Highest;
        var extended = sequence.Unwrap(number);
        var ahead = extended - highest;
        if (highest == 0 || ahead >= Window) seen = 1;
        else if (ahead > 0) seen = (seen << (int)ahead) | 1;
        else if (-ahead >= Window || (seen & (1UL << (int)-ahead)) != 0) Repeated++;
        else
        {
            seen |= 1UL << (int)-ahead;
            Late++;
        }

        Received++;
        return extended;
    }

    /// <summary>The sampled packet's number at its source must keep step with its sequence number here.</summary>
    public void Place(long extended, long number)
    {
        if (!hasOffset || numberOffset != extended - number)
        {
            if (hasOffset) Misplaced++;
            numberOffset = extended - number;
            hasOffset = true;
        }
    }
}
