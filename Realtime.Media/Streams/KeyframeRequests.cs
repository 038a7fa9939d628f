using Realtime.Media.Core;

namespace Realtime.Media.Streams;

/// <summary>
/// Decides when one source is asked for a key frame. Wishes of many subscribers are merged: at most one request per
/// <see cref="Interval"/>, and a wish made inside it is asked for at its end, so none is lost. Until a key frame comes the request is
/// repeated, but only while packets of the source arrive: a silent source would not hear it, or has nothing to show.
/// </summary>
public struct KeyframeRequests()
{
    /// <summary>Browsers answer no two requests within this (libwebrtc: kMinKeyframeSendIntervalMs).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(1);

    Instant lastAsked;
    bool hasAsked;
    bool isUnanswered;

    /// <summary>When to ask; <see cref="Instant.Never"/> when nobody wishes.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    public long Asked { get; private set; }

    /// <summary>Somebody needs a key frame from then on.</summary>
    public void Wish(Instant when) =>
        Deadline = Instant.Min(Deadline, hasAsked && when - lastAsked < Interval ? lastAsked + Interval : when);

    /// <summary>A packet of the source arrived; a key frame answers every wish made before it.</summary>
    public void PacketArrived(Instant now, bool startsKeyframe)
    {
        if (startsKeyframe)
        {
            isUnanswered = false;
            Deadline = Instant.Never;
        }
        else if (isUnanswered && Deadline.IsNever && now - lastAsked >= RepeatAfter)
        {
            Deadline = now;
        }
    }

    /// <summary>True when the request must leave now.</summary>
    public bool TryTake(Instant now)
    {
        if (now < Deadline) return false;
        Deadline = Instant.Never;
        lastAsked = now;
        hasAsked = isUnanswered = true;
        Asked++;
        return true;
    }
}
