using System.Text.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Presence;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>
/// Who types: told to the channel's other readers, here at once and at the other replicas by Redis (without it: here alone). Ends by its time, or with a message, a leave or
/// the end of the session; then it is told once more, as stopped.
/// </summary>
public sealed class TypingService
{
    const string Topic = "typing";
    const int MaxNewsBytes = 2048;

    readonly Lock _gate = new();
    readonly TypingBoard _board = new();
    readonly ChannelAccess _access;
    readonly ChannelFeeds _feeds;
    readonly HubConnections _connections;
    readonly RedisNews _redis;
    readonly ReplicaIdentity _self;
    readonly TimeProvider _time;

    /// <summary>Between replicas: the event, and whose.</summary>
    sealed record News(string Boot, TypingEvent Typing);

    public TypingService(ChannelAccess access, ChannelFeeds feeds, HubConnections connections, RedisNews redis, ReplicaIdentity self, TimeProvider time)
    {
        (_access, _feeds, _connections, _redis, _self, _time) = (access, feeds, connections, redis, self, time);
        redis.Listen(Topic, Take);
    }

    /// <exception cref="RealtimeException">May not write there, or is not in the channel.</exception>
    public async Task TypeAsync(HubSession session, UserToken token, TypingRequest request, CancellationToken cancellation)
    {
        await _access.RequireWriteAsync(token, request.Channel, cancellation);
        if (session.Reader(request.Channel!) is null)
            throw new RealtimeException(new(ErrorCode.NotFound, "You are not in this channel: join it first.", "channel"));
        DateTimeOffset until;
        lock (_gate)
            until = _board.Start(session.Id, session.User, request.Channel!, _time.GetUtcNow());
        Tell(new TypingEvent(request.Channel!, session.User, session.Name, until));
    }

    /// <summary>A message was sent, or the channel left.</summary>
    public void Stopped(HubSession session, string? channel)
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            if (channel is null || !_board.Stop(session.Id, session.User, channel, now))
                return;
        }
        Tell(new TypingEvent(channel, session.User, session.Name, now, Stopped: true));
    }

    public void SessionEnded(string session, string user, string name)
    {
        var now = _time.GetUtcNow();
        IReadOnlyList<string> channels;
        lock (_gate)
            channels = _board.EndSession(session, user, now);
        foreach (var channel in channels)
            Tell(new TypingEvent(channel, user, name, now, Stopped: true));
    }

    /// <summary>Drops what is over.</summary>
    public int Sweep()
    {
        lock (_gate)
            return _board.Sweep(_time.GetUtcNow());
    }

    void Tell(TypingEvent typing)
    {
        TellHere(typing);
        _redis.Broadcast(Topic, JsonSerializer.SerializeToUtf8Bytes(new News(_self.Boot, typing), ContractsJson.Options));
    }

    void Take(ReadOnlyMemory<byte> message)
    {
        if (!SafeJson.TryRead<News>(message, out var news, MaxNewsBytes) || news is not { Boot: not null, Typing: { Channel: not null, User: not null } })
            ActionLog.Record("people", "unreadableNews", detail: Topic);
        else if (news.Boot != _self.Boot)
            TellHere(news.Typing);
    }

    void TellHere(TypingEvent typing)
    {
        if (_feeds.Find(typing.Channel) is not { HasReaders: true } feed)
            return;
        var own = _connections.OfUser(typing.User);
        feed.TellOthers($"typing:{typing.Channel}:{typing.User}", HubFrames.Encode(HubEvent.Typing, typing), lanes => own.Any(one => one.Lanes == lanes));
    }
}
