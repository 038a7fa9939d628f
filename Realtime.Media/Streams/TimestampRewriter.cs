using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Streams;

/// <summary>Gives a subscriber's stream one time line: when another source starts in it, time has gone on by as much as the clock says.</summary>
public struct TimestampRewriter(RtpTimestamp first, int clockRate)
{
    /// <summary>Encodings of one track are no further apart, in either direction.</summary>
    const int MaxJumpSeconds = 2;

    RtpTimestamp highest = first;
    Instant highestAt;
    bool hasSent;
    bool running;
    uint offset;

    /// <summary>How much of the offset only keeps time from standing still: gone with the next source that is known to be on the same clock.</summary>
    uint pushed;

    /// <summary>The next packet mapped begins a new source, or the same one after a pause.</summary>
    public void Restart() => running = false;

    /// <summary>
    /// Another source of the same clock takes over with a packet whose time the one before would call <paramref name="there"/>: nothing moves but what must, for
    /// pictures go forward. A translation that makes no sense is a restart.
    /// </summary>
    public void Continue(RtpTimestamp timestamp, RtpTimestamp there)
    {
        var aligned = there.Value + offset - pushed;
        var ahead = new RtpTimestamp(aligned).DistanceFrom(highest);
        if (!running || Math.Abs((long)ahead) > clockRate * MaxJumpSeconds)
        {
            Restart();
            return;
        }

        pushed = ahead > 0 ? 0 : (uint)(1 - ahead);
        offset = aligned + pushed - timestamp.Value;
    }

    public RtpTimestamp Map(RtpTimestamp timestamp, Instant now)
    {
        if (!running)
        {
            running = true;
            // At least one tick: two frames with one timestamp would be taken for one.
            var elapsed = hasSent ? Math.Max(1, (long)((now - highestAt).TotalSeconds * clockRate)) : 0;
            offset = (highest + elapsed).Value - timestamp.Value;
            pushed = 0;
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
