using Realtime.Contracts;
using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>One connection reading one channel.</summary>
public sealed class FeedSubscription(ConnectionLanes lanes, ChannelFeed feed, long position) : ReadCursor(feed.Channel, position)
{
    /// <summary>Of <see cref="FollowsSince"/>: not yet.</summary>
    internal const long Never = long.MaxValue;

    long _followsSince = Never;

    public ConnectionLanes Lanes => lanes;

    public ChannelFeed Feed => feed;

    /// <summary>It was ended, maybe before it began: nothing is read for it any more.</summary>
    internal bool Ended { get; set; }

    /// <summary>The members as this reader was told them, until it follows them. Guarded by the feed's gate.</summary>
    internal IReadOnlyList<ChannelMember>? MembersTold { get; set; }

    /// <summary>It has been told the members as they were after that many changes, and hears of those after; never, at first. Written under the feed's gate.</summary>
    internal long FollowsSince
    {
        get => Volatile.Read(ref _followsSince);
        set => Volatile.Write(ref _followsSince, value);
    }

    /// <summary>While its database is away a reader that needs it waits until then (a timestamp of the lanes' clock).</summary>
    internal long RetryAt { get; set; }
}
