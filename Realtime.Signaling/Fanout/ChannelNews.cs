using Realtime.Signaling.Data;

namespace Realtime.Signaling.Fanout;

/// <summary>Messages and members: passes on to the channels known here.</summary>
public sealed class ChannelNews(ChannelFeeds feeds, FeedRepairQueue repair) : IOutboxConsumer
{
    public bool Takes(string kind) => kind is OutboxKind.Messages or OutboxKind.Members;

    /// <summary>Channels are loaded when somebody asks for them.</summary>
    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry)
    {
        if (feeds.Find(entry.Key) is not { } feed)
            return;
        if (entry.Kind == OutboxKind.Members)
            repair.Members(feed);
        else
            feed.Announce(entry.Epoch, entry.Number);
    }
}
