using System.Text.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Access;

/// <summary>
/// What news about access do to the sessions of this replica: who is kicked or banned reads the channel no longer, and is told. Comes from the moderator's call here, or from the
/// outbox, or sooner from Redis (a replica that has lost Postgres alone would else go on handing out what others write); each piece of news acts once. What needs a look at the rules (<see cref="AccessSweep"/>) follows.
/// </summary>
public sealed class AccessEffects : IOutboxConsumer
{
    const string Topic = "access";
    const int MaxNewsBytes = 8 * 1024;

    /// <summary>News remembered as done; the outbox repeats only what is younger than its oldest running transaction.</summary>
    const int MaxDone = 4096;

    readonly HubConnections _connections;
    readonly ChannelAccess _access;
    readonly AccessSweep _sweep;
    readonly RedisNews _redis;
    readonly Lock _gate = new();
    readonly HashSet<OutboxCursor> _done = [];
    readonly Queue<OutboxCursor> _order = [];

    /// <summary>Between replicas: the news, and where they stand in the outbox.</summary>
    sealed record Told(string Channel, AccessNews News, ulong TransactionId, long Id);

    public AccessEffects(HubConnections connections, ChannelAccess access, AccessSweep sweep, RedisNews redis)
    {
        (_connections, _access, _sweep, _redis) = (connections, access, sweep, redis);
        redis.Listen(Topic, Take);
    }

    public bool Takes(string kind) => kind == AccessNews.Kind;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry)
    {
        if (AccessNews.TryRead(entry.Payload, out var news))
            Apply(entry.Key, news, new OutboxCursor(entry.TransactionId, entry.Id));
        else
            _sweep.Look(entry.Key, null);
    }

    /// <summary>What is committed holds here at once, and is told to the other replicas without waiting for their outbox.</summary>
    public void Announce(string channel, AccessNews news, OutboxCursor id)
    {
        Apply(channel, news, id);
        _redis.Broadcast(Topic, JsonSerializer.SerializeToUtf8Bytes(new Told(channel, news, id.TransactionId, id.Id), ContractsJson.Options));
        _redis.Nudge();
    }

    void Take(ReadOnlyMemory<byte> message)
    {
        if (SafeJson.TryRead<Told>(message, out var told, MaxNewsBytes) && told is { Channel: not null, News.Action: not null })
            Apply(told.Channel, told.News, new OutboxCursor(told.TransactionId, told.Id));
        else
            ActionLog.Record("moderation", "unreadableNews");
    }

    public void Apply(string channel, AccessNews news, OutboxCursor id)
    {
        _access.Forget(channel);
        if (!IsNew(id))
            return;
        if (news.User is { } user)
        {
            if (news.Removes)
                Remove(channel, user);
            if (news.IsModeration)
                Tell(user, HubFrames.Encode(HubEvent.Moderated, news.ToEvent(channel)));
        }
        _sweep.Look(channel, news);
    }

    void Remove(string channel, string user)
    {
        foreach (var connection in _connections.OfUser(user))
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
        foreach (var connection in _connections.OfUser(user))
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
