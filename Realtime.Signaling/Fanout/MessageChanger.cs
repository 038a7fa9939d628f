using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Fanout;

/// <summary>Changes stored messages. After the commit the change goes to the readers here, and to Redis, as a new message does.</summary>
public sealed class MessageChanger(MessageChangeStore store, ChannelFeeds feeds, RedisNews redis)
{
    /// <exception cref="RealtimeException"><c>unavailable</c> or <c>unknownOutcome</c>: a retry is safe, it finds the message as it should be.</exception>
    public async Task<Changed> ChangeAsync(MessageChange change)
    {
        var changed = await store.ChangeAsync(change);
        if (changed.Outcome != ChangeOutcome.Done)
            return changed;
        ChannelEvent[] told = [change.Kind == MessageChangeKind.Updated
            ? HubFrames.MessageUpdated(new(change.Channel, changed.Epoch, changed.Seq, change.Id, changed.MessageSeq, change.Text!, change.Actor, change.At))
            : HubFrames.MessageDeleted(new(change.Channel, changed.Epoch, changed.Seq, change.Id, changed.MessageSeq, change.Actor, change.At, changed.Author == change.Actor ? null : change.Reason))];
        feeds.Find(change.Channel)?.Offer(told);
        redis.Publish(change.Channel, told);
        return changed;
    }
}
