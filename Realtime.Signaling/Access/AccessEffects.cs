using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Access;

/// <summary>
/// What news about access do to the sessions of this replica: who is kicked or banned reads the channel no longer, and is told. Comes from the moderator's call here, or from the
/// outbox; each piece of news acts once. What needs a look at the rules (<see cref="AccessSweep"/>) follows.
/// </summary>
public sealed class AccessEffects(HubConnections connections, ChannelAccess access, AccessSweep sweep) : IOutboxConsumer
{
    /// <summary>News remembered as done; the outbox repeats only what is younger than its oldest running transaction.</summary>
    const int MaxDone = 4096;

    readonly Lock _gate = new();
    readonly HashSet<OutboxCursor> _done = [];
    readonly Queue<OutboxCursor> _order = [];

    public bool Takes(string kind) => kind == AccessNews.Kind;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry)
    {
        if (AccessNews.TryRead(entry.Payload, out var news))
            Apply(entry.Key, news, new OutboxCursor(entry.TransactionId, entry.Id));
        else
            sweep.Look(entry.Key, null);
    }

    public void Apply(string channel, AccessNews news, OutboxCursor id)
    {
        access.Forget(channel);
        if (!IsNew(id))
            return;
        if (news.User is { } user)
        {
            if (news.Removes)
                Remove(channel, user);
            if (news.IsModeration)
                Tell(user, HubFrames.Encode(HubEvent.Moderated, news.ToEvent(channel)));
        }
        sweep.Look(channel, news);
    }

    void Remove(string channel, string user)
    {
        foreach (var connection in connections.OfUser(user))
        {
            if (connection.Session is { } session)
                EndMembership(session, channel);
        }
    }

    /// <summary>The session reads the channel no longer, here and in its row.</summary>
    internal static bool EndMembership(HubSession session, string channel)
    {
        if (session.Remove(channel) is not { } reader)
            return false;
        reader.Feed.Unsubscribe(reader);
        reader.Feed.ChangeMembers(view => view.Leave(session.Id));
        session.NeedsSave = true;
        session.Lanes.Send(HubFrames.Encode(HubEvent.MemberLeft, new MemberLeftEvent(channel, session.User, session.Name)));
        session.Lanes.Send(HubFrames.Encode(HubEvent.AccessLost, new AccessLostEvent(channel)));
        ActionLog.Record("moderation", "membershipEnded", session.User, channel);
        return true;
    }

    void Tell(string user, ReadOnlyMemory<byte> frame)
    {
        foreach (var connection in connections.OfUser(user))
            connection.Lanes.Send(frame);
    }

    bool IsNew(OutboxCursor id)
    {
        lock (_gate)
        {
            if (!_done.Add(id))
                return false;
            _order.Enqueue(id);
            if (_order.Count > MaxDone)
                _done.Remove(_order.Dequeue());
            return true;
        }
    }
}
