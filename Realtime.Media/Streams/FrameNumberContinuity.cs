namespace Realtime.Media.Streams;

/// <summary>Keeps the frame numbers of the dependency descriptors of a subscriber's stream rising across changes of source: receivers drop frames older than the last.</summary>
public struct FrameNumberContinuity
{
    ushort offset;
    ushort highest;
    bool hasSent;
    bool running;

    public void Restart() => running = false;

    /// <summary>The number in the copy of a packet, also when it is sent again.</summary>
    public ushort Map(ushort frameNumber)
    {
        if (!running)
        {
            running = true;
            offset = hasSent ? (ushort)(highest + 1 - frameNumber) : (ushort)0;
        }

        var mapped = (ushort)(frameNumber + offset);
        if (!hasSent || (short)(mapped - highest) > 0) highest = mapped;
        hasSent = true;
        return mapped;
    }
}
