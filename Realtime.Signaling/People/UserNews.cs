using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>
/// Events for a user rather than a channel: to all sessions of that user, on this replica at once and on the others by Redis. What must arrive (friends, moderation) is in
/// the outbox too, and delivered once per replica, whichever way was faster; a session that resumes may see it again.
/// </summary>
public sealed class UserNews : IOutboxConsumer
{
    const string Topic = "users";

    readonly HubConnections _connections;
    readonly RedisNews _redis;
    readonly Database _database;
    readonly ReplicaIdentity _self;
    readonly RecentIds _delivered = new();
    readonly RecentUserEvents _recent;

    public UserNews(HubConnections connections, RedisNews redis, Database database, ReplicaIdentity self, TimeProvider time)
    {
        _recent = new RecentUserEvents(time);
        (_connections, _redis, _database, _self) = (connections, redis, database, self);
        redis.Listen(Topic, Take);
    }

    /// <summary>To every live session of the user on every replica that hears it; nothing repeats it.</summary>
    /// <param name="latestOf">Not null: of events with this key (without spaces) only the newest matters to a slow reader.</param>
    public void Send(string user, string eventName, object payload, string? latestOf = null)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(payload, payload.GetType(), ContractsJson.Options);
        Deliver(user, eventName, json, latestOf);
        _redis.Broadcast(Topic, UserNewsFormat.Write(_self.Boot, null, latestOf, user, eventName, json));
    }

    /// <summary>As <see cref="Send"/>, and it arrives without Redis too. For callers whose change is not in Postgres; others write the entry themselves (<see cref="UserEvent"/>).</summary>
    public async Task SendDurablyAsync(string user, string eventName, object payload, CancellationToken cancellation)
    {
        var one = UserEvent.Of(user, eventName, payload);
        await _database.RunAsync("userNews", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand($"insert into outbox (kind, key, payload) values ('{OutboxKind.User}', $1, $2)", connection);
            command.Parameters.Add(new() { Value = user });
            command.Parameters.Add(new() { Value = one.ToOutbox() });
            await command.ExecuteNonQueryAsync(token);
        }, cancellation);
        Announce(one);
    }

    /// <summary>Delivers what was committed with its outbox entry, without waiting for the outbox.</summary>
    public void Announce(UserEvent committed)
    {
        DeliverOnce(committed);
        _redis.Broadcast(Topic, UserNewsFormat.Write(_self.Boot, committed.Id, null, committed.User, committed.Name, committed.Payload.Span));
        _redis.Nudge();
    }

    /// <summary>For a session that came back: the durable events of the last half minute, among which is what it missed. It may have seen some of them.</summary>
    /// <param name="until">When it was attached: later ones it hears itself.</param>
    public void Replay(string user, ConnectionLanes lanes, DateTimeOffset until)
    {
        foreach (var one in _recent.Of(user, until))
            lanes.Send(HubFrames.Encode(one.Name, one.Payload.Span));
    }

    bool IOutboxConsumer.Takes(string kind) => kind == OutboxKind.User;

    Task IOutboxConsumer.BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    void IOutboxConsumer.Take(OutboxEntry entry)
    {
        if (UserEvent.TryReadOutbox(entry.Key, entry.Payload, out var read))
            DeliverOnce(read);
        else
            ActionLog.Record("people", "unreadableNews", entry.Key);
    }

    void Take(ReadOnlyMemory<byte> message)
    {
        if (!UserNewsFormat.TryRead(message, out var read))
            ActionLog.Record("people", "unreadableNews");
        else if (read.Id is { } id)
            DeliverOnce(new UserEvent(id, read.User, read.Name, read.Payload));
        else if (read.Boot != _self.Boot)
            Deliver(read.User, read.Name, read.Payload, read.Key);
    }

    void DeliverOnce(UserEvent one)
    {
        if (!_delivered.TryAdd(one.Id))
            return;
        _recent.Add(one);
        Deliver(one.User, one.Name, one.Payload, null);
    }

    void Deliver(string user, string name, ReadOnlyMemory<byte> json, string? latestOf)
    {
        var connections = _connections.OfUser(user);
        if (connections.IsEmpty)
            return;
        var frame = HubFrames.Encode(name, json.Span);
        foreach (var connection in connections)
        {
            if (latestOf is null)
                connection.Lanes.Send(frame);
            else
                connection.Lanes.SendLatest(latestOf, frame);
        }
    }
}
