using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>One connection reading one channel.</summary>
public sealed class FeedSubscription(ConnectionLanes lanes, ChannelFeed feed, long position) : ReadCursor(feed.Channel, position)
{
    public ConnectionLanes Lanes => lanes;

    public ChannelFeed Feed => feed;

    /// <summary>It was ended, maybe before it began: nothing is read for it any more.</summary>
    internal bool Ended { get; set; }

    /// <summary>While its database is away a reader that needs it waits until then (a timestamp of the lanes' clock).</summary>
    internal long RetryAt { get; set; }
}
