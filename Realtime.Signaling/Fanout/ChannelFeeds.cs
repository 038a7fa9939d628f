using System.Collections.Concurrent;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// The channels this node knows. A channel with a reader here stays; one without is kept for a while, because those who come back after a lost connection ask for it.
/// Bounded: beyond <see cref="MaxIdle"/> idle ones the longest unused go; the number with readers is bounded by sessions and their channels.
/// </summary>
public sealed class ChannelFeeds(MessageStore messages, ChannelEventStore events, SessionStore sessions, HistoryReader history, FeedRepairQueue repair, RedisNews redis, MemberIndex members, FeedBeat beat, TimeProvider time)
{
    public const int MaxIdle = 4096;

    static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(5);

    /// <summary>Events read when a channel is loaded: enough for those who join it.</summary>
    const int LoadRecent = MessageRules.JoinHistory;

    readonly ConcurrentDictionary<string, ChannelFeed> _feeds = new(StringComparer.Ordinal);

    public int Count => _feeds.Count;

    public ChannelFeed? Find(string channel) => _feeds.GetValueOrDefault(channel);

    /// <summary>The channel's feed, known or new; a new one is heard from the moment it is made, and loaded by <see cref="LoadAsync"/> or in the background.</summary>
    public ChannelFeed Get(string channel)
    {
        if (!_feeds.TryGetValue(channel, out var feed))
        {
            var made = new ChannelFeed(channel, repair, history) { MembersChanged = members.Take, Beat = beat };
            feed = _feeds.GetOrAdd(channel, made);
            if (feed == made)
                redis.Hear(channel, made);
        }
        feed.LastUsed = time.GetTimestamp();
        return feed;
    }

    /// <summary>A feed whose head is known.</summary>
    /// <exception cref="RealtimeException"><c>unavailable</c>: not in memory, and the database is away.</exception>
    public async Task<ChannelFeed> GetLoadedAsync(string channel, CancellationToken cancellation)
    {
        var feed = Get(channel);
        if (!feed.IsLoaded)
            await feed.ReadOnceAsync(() => LoadAsync(feed, CancellationToken.None)).WaitAsync(cancellation);
        else if (feed.MissingAfter is not null)
            await CatchUpAsync(feed, cancellation);
        return feed;
    }

    /// <summary>Nobody read here, so what was announced was not read either. It may take back what memory still has: first that, then readers. Without the database memory is the best there is.</summary>
    async Task CatchUpAsync(ChannelFeed feed, CancellationToken cancellation)
    {
        try
        {
            await feed.ReadOnceAsync(() => FillAsync(feed, CancellationToken.None)).WaitAsync(cancellation);
        }
        catch (RealtimeException)
        {
            repair.Fill(feed);
        }
    }

    /// <summary>Reads a feed's head, recent past and members. Harmless when it is loaded already.</summary>
    public async Task LoadAsync(ChannelFeed feed, CancellationToken cancellation)
    {
        var head = await messages.HeadAsync(feed.Channel, cancellation) ?? new ChannelHead(1, 0, 1);
        var recent = head.Head == 0 ? [] : await events.ReadBeforeAsync(feed.Channel, head.Head + 1, LoadRecent, cancellation);
        feed.Load(head, [.. recent.Select(HubFrames.Stored)]);
        await RefreshMembersAsync(feed, cancellation);
    }

    /// <summary>Reads what a feed is missing.</summary>
    public async Task FillAsync(ChannelFeed feed, CancellationToken cancellation)
    {
        if (!feed.IsLoaded)
        {
            await LoadAsync(feed, cancellation);
            return;
        }
        while (feed.MissingAfter is { } after)
        {
            var missing = await events.ReadAfterAsync(feed.Channel, after, HistoryReader.BlockSize, cancellation);
            if (missing.Count == 0 || missing[0].Epoch > feed.Extent?.Epoch || missing[0].Seq > after + 1)
            {
                // Not there, or of another epoch: what this node believes of the channel no longer holds.
                await ReloadAsync(feed, cancellation);
                return;
            }
            feed.Offer(missing.Select(HubFrames.Stored));
        }
    }

    /// <summary>Looks whether there is more than this node knows, and reads it.</summary>
    public async Task AdvanceAsync(ChannelFeed feed, CancellationToken cancellation)
    {
        if (await messages.HeadAsync(feed.Channel, cancellation) is { } head)
            feed.Announce(head.Epoch, head.Head);
        await FillAsync(feed, cancellation);
    }

    public async Task RefreshMembersAsync(ChannelFeed feed, CancellationToken cancellation)
    {
        var reading = feed.BeginMembersRead();
        feed.StoreMembers(reading, await sessions.MembersAsync(feed.Channel, MemberView.MaxMembers, cancellation));
    }

    /// <summary>Lets go of channels that nobody reads.</summary>
    public int Evict()
    {
        var idle = _feeds.Values.Where(static feed => !feed.HasReaders).OrderByDescending(static feed => feed.LastUsed).ToList();
        var evicted = 0;
        for (var i = 0; i < idle.Count; i++)
        {
            if (i < MaxIdle && time.GetElapsedTime(idle[i].LastUsed) < IdleFor)
                continue;
            if (!_feeds.TryRemove(new(idle[i].Channel, idle[i])))
                continue;
            redis.Forget(idle[i].Channel);
            members.Forget(idle[i]);
            evicted++;
        }
        return evicted;
    }

    async Task ReloadAsync(ChannelFeed feed, CancellationToken cancellation)
    {
        var head = await messages.HeadAsync(feed.Channel, cancellation) ?? new ChannelHead(1, 0, 1);
        var recent = head.Head == 0 ? [] : await events.ReadBeforeAsync(feed.Channel, head.Head + 1, LoadRecent, cancellation);
        feed.Reload(head, [.. recent.Select(HubFrames.Stored)]);
    }
}
