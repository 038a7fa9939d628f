using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>Gives a subscriber's stream one time line: when another source starts in it, time has gone on by as much as the clock says.</summary>
public struct TimestampRewriter(RtpTimestamp first, int clockRate)
{
    RtpTimestamp highest = first;
    Instant highestAt;
    bool hasSent;
    bool running;
    uint offset;

    /// <summary>The next packet mapped begins a new source, or the same one after a pause.</summary>
    public void Restart() => running = false;

    public RtpTimestamp Map(RtpTimestamp timestamp, Instant now)
    {
        if (!running)
        {
            running = true;
            // At least one tick: two frames with one timestamp would be taken for one.
            var elapsed = hasSent ? Math.Max(1, (long)((now - highestAt).TotalSeconds * clockRate)) : 0;
            offset = (highest + elapsed).Value - timestamp.Value;
        }

        var mapped = Project(timestamp);
        if (!hasSent || mapped.IsNewerThan(highest))
        {
            highest = mapped;
            highestAt = now;
            hasSent = true;
        }

        return mapped;
    }

    /// <summary>The same mapping without remembering; meaningful once a packet was mapped since the last restart.</summary>
    public readonly RtpTimestamp Project(RtpTimestamp timestamp) => new(timestamp.Value + offset);

    public readonly bool IsRunning => running;
}
