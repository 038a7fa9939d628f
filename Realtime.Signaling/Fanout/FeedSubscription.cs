using Realtime.Contracts;
using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>One connection reading one channel.</summary>
public sealed class FeedSubscription(ConnectionLanes lanes, ChannelFeed feed, long position) : ReadCursor(feed.Channel, position)
{
    public ConnectionLanes Lanes => lanes;

    public ChannelFeed Feed => feed;

    /// <summary>It was ended, maybe before it began: nothing is read for it any more.</summary>
    internal bool Ended { get; set; }

    /// <summary>The members as this reader was told them, until it follows them. Guarded by the feed's lock, as <see cref="FollowsMembers"/>.</summary>
    internal IReadOnlyList<ChannelMember>? MembersTold { get; set; }

    /// <summary>It has been told the members and hears of changes.</summary>
    internal bool FollowsMembers { get; set; }

    /// <summary>While its database is away a reader that needs it waits until then (a timestamp of the lanes' clock).</summary>
    internal long RetryAt { get; set; }
}
