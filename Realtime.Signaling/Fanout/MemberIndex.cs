using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>In which of the channels known here a user is a member: kept up by the feeds, bounded by their member lists. Lock order: a feed's lock, then this one.</summary>
public sealed class MemberIndex
{
    readonly Lock _gate = new();
    readonly Dictionary<string, HashSet<ChannelFeed>> _feeds = new(StringComparer.Ordinal);

    /// <summary>Called under the feed's lock when somebody came or went: only to be written down.</summary>
    public Action<ChannelFeed, MemberChange>? Changed { get; set; }

    public IReadOnlyList<ChannelFeed> FeedsOf(string user)
    {
        lock (_gate)
            return _feeds.TryGetValue(user, out var feeds) ? [.. feeds] : [];
    }

    internal void Take(ChannelFeed feed, MemberChange change)
    {
        lock (_gate)
        {
            foreach (var member in change.Left)
                Remove(feed, member.User);
            foreach (var member in change.Joined)
            {
                if (!_feeds.TryGetValue(member.User, out var feeds))
                    _feeds[member.User] = feeds = [];
                feeds.Add(feed);
            }
        }
        Changed?.Invoke(feed, change);
    }

    /// <summary>The feed is not kept up any more.</summary>
    internal void Forget(ChannelFeed feed)
    {
        var members = feed.Members;
        lock (_gate)
        {
            foreach (var member in members)
                Remove(feed, member.User);
        }
    }

    void Remove(ChannelFeed feed, string user)
    {
        if (_feeds.TryGetValue(user, out var feeds) && feeds.Remove(feed) && feeds.Count == 0)
            _feeds.Remove(user);
    }
}
