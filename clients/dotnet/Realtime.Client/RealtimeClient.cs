using System.Text.Json;
using Realtime.Client.Background;
using Realtime.Client.Channels;
using Realtime.Client.Connection;
using Realtime.Client.People;
using Realtime.Contracts;

namespace Realtime.Client;

/// <summary>
/// A connection to Realtime with its channels, people and rooms. It reconnects for ever by itself; what it lost meanwhile it catches up on, nothing lost and nothing doubled. Safe to use from any
/// thread.
/// </summary>
public sealed partial class RealtimeClient : IAsyncDisposable
{
    /// <summary>As many direct conversations as a session reads.</summary>
    const int MaxResumedDirects = 100;

    /// <summary>Direct conversations that are followed at once; the one longest silent that nobody reads is forgotten for a new one, and comes back with its next message.</summary>
    const int MaxDirects = 1000;

    const string DirectPrefix = "dm:";

    readonly RealtimeClientOptions _options;
    readonly Supervisor _supervisor;
    readonly HubConnection _connection;
    readonly RestApi _rest;
    readonly Outbox _outbox;
    readonly Lock _gate = new();
    readonly Dictionary<string, ChatChannel> _channels = [];
    readonly LinkedList<string> _directs = [];
    readonly Broadcast<Message> _directMessages = new();
    readonly Broadcast<PresenceEvent> _presences = new();
    readonly Broadcast<ModeEvent> _modes = new();
    readonly PersistentTask _sayPresence;
    HelloResult? _welcome;
    SetPresenceRequest? _presence;
    string? _resumeToken;
    int _disposed;

    RealtimeClient(RealtimeClientOptions options)
    {
        _options = options;
        _supervisor = new Supervisor(options.OnFault);
        var tokens = new TokenCache(options.Token);
        _connection = new HubConnection(options, _supervisor, tokens, Hello, Welcomed, Handle);
        _rest = new RestApi(options, tokens);
        _outbox = new Outbox(options, _connection);
        _sayPresence = new PersistentTask(_supervisor, SayPresenceAsync, _supervisor.Report);
        Friends = new Friends(_connection, _rest);
    }

    /// <summary>Connects; returns when the server has said welcome.</summary>
    /// <exception cref="RealtimeException">Refused for good, or not connected within <see cref="RealtimeClientOptions.ConnectTimeout"/>.</exception>
    public static async Task<RealtimeClient> ConnectAsync(RealtimeClientOptions options, CancellationToken cancellation = default)
    {
        var client = new RealtimeClient(options);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.ConnectTimeout);
        try
        {
            client._connection.Start();
            await client._connection.OnlineAsync(timeout.Token);
            return client;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var last = client.Status.Error;
            await client.DisposeAsync();
            throw last ?? new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"{options.Server} was not reached within {options.ConnectTimeout}."));
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who we are, by our token.</summary>
    public string User => _welcome?.User ?? "";

    /// <summary>The session: stays the same over reconnects as long as the server remembers it.</summary>
    public string Session => _welcome?.Session ?? "";

    public ConnectionStatus Status => _connection.Status;

    /// <summary>The state of the connection now, and each change.</summary>
    public IAsyncEnumerable<ConnectionStatus> Statuses => _connection.Statuses;

    /// <summary>What works and what does not, when the servers run degraded.</summary>
    public IAsyncEnumerable<ModeEvent> Modes => _modes.ReadAsync();

    /// <summary>How people appear whom we may see. A loop that falls 1,024 behind loses the oldest.</summary>
    public IAsyncEnumerable<PresenceEvent> Presences => _presences.ReadAsync();

    /// <summary>Messages of all direct conversations from the beginning of the loop on, each conversation in its order, exactly once. Nobody has to join one. A loop that falls 1,024 behind loses the oldest; the channel's history has them.</summary>
    public IAsyncEnumerable<Message> DirectMessages => _directMessages.ReadAsync();

    public Friends Friends { get; }

    /// <summary>The channel of that name, joined or not.</summary>
    public ChatChannel Channel(string name)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        lock (_gate)
            return Find(name) ?? Add(name);
    }

    /// <summary>
    /// Writes to one to nine others, as <see cref="ChatChannel.SendAsync"/> does. The same people always talk in the same channel: read <c>Channel(result.Channel)</c> or <see cref="DirectMessages"/>.
    /// </summary>
    public Task<SendDirectResult> SendDirectAsync(IReadOnlyList<string> to, MessageDraft message, CancellationToken cancellation = default) =>
        _outbox.SendAsync<SendDirectResult>($"{DirectPrefix}{string.Join(' ', to.Order(StringComparer.Ordinal))}", "SendDirect", message.To(to, message.ClientMessageId ?? Guid.CreateVersion7().ToString()), cancellation);

    /// <inheritdoc cref="SendDirectAsync(IReadOnlyList{string}, MessageDraft, CancellationToken)"/>
    public Task<SendDirectResult> SendDirectAsync(string to, MessageDraft message, CancellationToken cancellation = default) => SendDirectAsync([to], message, cancellation);

    /// <summary>How this device says its user is; said again whenever a new session begins.</summary>
    /// <param name="status">One of <see cref="PresenceStatus"/>, not offline.</param>
    /// <param name="activity">What one is doing.</param>
    public Task SetPresenceAsync(string status, UserActivity? activity = null, CancellationToken cancellation = default)
    {
        var presence = new SetPresenceRequest(status, activity is null ? null : JsonSerializer.SerializeToElement(activity, ContractsJson.Options));
        Volatile.Write(ref _presence, presence);
        return _connection.CallAsync<Done>("SetPresence", presence, cancellation);
    }

    /// <summary>The network is back, or somebody is impatient: connect now.</summary>
    public void ReconnectNow() => _connection.Wake();

    /// <summary>Leaves every room and closes: the session ends at once. Loops end, after what waits for them; messages that wait to be sent fail with <c>unavailable</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _sayPresence.Stop();
        await LeaveRoomsAsync();
        foreach (var channel in Channels())
            channel.End();
        await _connection.DisposeAsync();
        await _supervisor.DisposeAsync();
        _directMessages.Complete();
        _presences.Complete();
        _modes.Complete();
        Friends.End();
        _rest.Dispose();
    }

    HelloRequest Hello()
    {
        // Too old: come as a new session.
        if (Status.Error?.Field == "resume")
            Volatile.Write(ref _resumeToken, null);
        var positions = Channels().Select(static channel => channel.Resuming).OfType<Position>().ToList();
        HashSet<string> newest;
        lock (_gate)
            newest = [.. _directs.Take(MaxResumedDirects)];
        // Of conversations the newest do: the server brings the others with their next message.
        positions.RemoveAll(position => position.Channel.StartsWith(DirectPrefix, StringComparison.Ordinal) && !newest.Contains(position.Channel));
        var info = _options.ClientInfo is null ? (JsonElement?)null : JsonSerializer.SerializeToElement(new { client = _options.ClientInfo }, ContractsJson.Options);
        return new HelloRequest(Volatile.Read(ref _resumeToken), positions, info);
    }

    void Welcomed(HelloResult welcome)
    {
        var before = Interlocked.Exchange(ref _welcome, welcome);
        Volatile.Write(ref _resumeToken, welcome.ResumeToken);
        if (before is not null)
        {
            foreach (var channel in Channels())
                channel.Reconnected(welcome.Resumed.FirstOrDefault(resumed => resumed.Channel == channel.Name));
            RoomsReconnected(welcome);
            if (before.Session != welcome.Session && Volatile.Read(ref _presence) is not null)
                _sayPresence.RequestNow();
        }
        _modes.Publish(new ModeEvent(welcome.Mode, welcome.ServerTime, [], []));
    }

    async Task SayPresenceAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _presence) is { } presence)
            await (await _connection.OnlineAsync(cancellation)).InvokeAsync<Done>("SetPresence", presence, cancellation);
    }

    void Handle(string name, JsonElement payload)
    {
        switch (name)
        {
            case HubEvent.Presence:
                _presences.Publish(payload.Deserialize<PresenceEvent>(ContractsJson.Options)!);
                break;
            case HubEvent.Friend:
                Friends.Publish(payload.Deserialize<FriendEvent>(ContractsJson.Options)!);
                break;
            case HubEvent.Mode:
                _modes.Publish(payload.Deserialize<ModeEvent>(ContractsJson.Options)!);
                break;
            case HubEvent.AccessLost:
                var lost = payload.Deserialize<AccessLostEvent>(ContractsJson.Options)!;
                if (lost.Channel is { } from)
                    Known(from)?.Lose(new RealtimeException(new RealtimeError(ErrorCode.Forbidden, "You may no longer be in this channel.", "channel")));
                HandleRoom(name, payload, lost.Room);
                break;
            default:
                if (payload.TryGetProperty("room", out var room))
                    HandleRoom(name, payload, room.GetString());
                else if (payload.TryGetProperty("channel", out var channel) && channel.GetString() is { } at)
                    HandleChannel(name, payload, at);
                break;
        }
    }

    void HandleChannel(string name, JsonElement payload, string at)
    {
        if (name == HubEvent.MessageCreated && at.StartsWith(DirectPrefix, StringComparison.Ordinal))
            Direct(at).Follow(payload.Deserialize<Message>(ContractsJson.Options)!);
        Known(at)?.Handle(name, payload);
        if (name == HubEvent.Moderated && payload.Deserialize<ModeratedEvent>(ContractsJson.Options) is { Action: ModerationAction.Kick or ModerationAction.Ban } moderated && moderated.User == User)
            Known(at)?.Lose(new RealtimeException(new RealtimeError(ErrorCode.Forbidden, moderated.Reason ?? moderated.Action, "channel")));
    }

    ChatChannel Direct(string name)
    {
        lock (_gate)
        {
            _directs.Remove(name);
            _directs.AddFirst(name);
            var channel = Find(name) ?? Add(name);
            if (_directs.Count <= MaxDirects)
                return channel;
            for (var oldest = _directs.Last; oldest is not null; oldest = oldest.Previous)
            {
                if (Find(oldest.Value) is { IsRead: true })
                    continue;
                _channels.Remove(oldest.Value);
                _directs.Remove(oldest);
                break;
            }
            return channel;
        }
    }

    ChatChannel? Known(string name)
    {
        lock (_gate)
            return Find(name);
    }

    ChatChannel? Find(string name) => _channels.GetValueOrDefault(name);

    ChatChannel Add(string name)
    {
        var isDirect = name.StartsWith(DirectPrefix, StringComparison.Ordinal);
        var channel = new ChatChannel(name, _connection, _outbox, _supervisor, isDirect ? _directMessages.Publish : static _ => { });
        _channels.Add(name, channel);
        return channel;
    }

    ChatChannel[] Channels()
    {
        lock (_gate)
            return [.. _channels.Values];
    }
}
