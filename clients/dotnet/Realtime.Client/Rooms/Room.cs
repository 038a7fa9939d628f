using System.Text.Json;
using Realtime.Client.Background;
using Realtime.Client.Connection;
using Realtime.Client.Media;
using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>
/// A call: who is in it, what they publish, what we publish. It outlives lost connections, restarts of servers and moves to another media node: it comes back by itself, with the same tracks,
/// metadata and view.
/// </summary>
public sealed partial class Room : IAsyncDisposable
{
    readonly RealtimeClientOptions _options;
    readonly HubConnection _connection;
    readonly Supervisor _supervisor;
    readonly Lock _gate = new();
    readonly Roster _roster = new();
    readonly List<LocalTrack> _publishing = [];
    readonly Dictionary<string, RemoteTrack> _playing = [];
    readonly Broadcast<RoomEvent> _events = new();
    readonly Broadcast<RemoteTrack> _tracks = new();
    readonly PersistentTask _join;
    readonly PersistentTask _tell;
    readonly Action<Room> _ended;
    // The newest last; while the room moves there are two.
    RoomLink[] _links = [];
    JsonElement? _metadata;
    SetViewRequest? _view;
    CallState _state = CallState.Connecting;

    /// <param name="ended">Hears once that it is left or has failed.</param>
    internal Room(string name, JsonElement? metadata, RealtimeClientOptions options, HubConnection connection, Supervisor supervisor, Action<Room> ended)
    {
        (Name, _metadata, _options, _connection, _supervisor, _ended) = (name, metadata, options, connection, supervisor, ended);
        _join = new PersistentTask(supervisor, JoinAgainAsync, Fail);
        // What the server refuses of it is nothing to end a call for.
        _tell = new PersistentTask(supervisor, TellAsync, supervisor.Report);
    }

    public string Name { get; }

    public CallState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>Our own id in the room; another one after it was joined again.</summary>
    public string Participant => Latest?.Participant ?? "";

    /// <summary>Who is here, we included.</summary>
    public IReadOnlyList<ParticipantInfo> Participants
    {
        get
        {
            lock (_gate)
                return _roster.Participants;
        }
    }

    /// <summary>What everybody publishes, whether it plays here or not.</summary>
    public IReadOnlyList<TrackInfo> Published
    {
        get
        {
            lock (_gate)
                return _roster.Tracks;
        }
    }

    /// <summary>Tracks of others that play here now, and each that begins to.</summary>
    public IAsyncEnumerable<RemoteTrack> Tracks => _tracks.ReadAsync(() =>
    {
        lock (_gate)
            return [.. _playing.Values];
    });

    /// <summary>What happens here, from the beginning of the loop on. A loop that falls 1,024 behind loses the oldest; the properties have the truth.</summary>
    public IAsyncEnumerable<RoomEvent> Events => _events.ReadAsync();

    /// <summary>Publishes audio as Opus; returns when what is written is sent.</summary>
    /// <exception cref="RealtimeException">Refused, or no way to the media node.</exception>
    public Task<LocalTrack> PublishAudioAsync(PublishOptions? options = null, CancellationToken cancellation = default) => PublishAsync(MediaKind.Audio, options, cancellation);

    /// <summary>Publishes video as VP8; returns when what is written is sent.</summary>
    /// <inheritdoc cref="PublishAudioAsync"/>
    public Task<LocalTrack> PublishVideoAsync(PublishOptions? options = null, CancellationToken cancellation = default) => PublishAsync(MediaKind.Video, options, cancellation);

    /// <summary>Waits until media flows between us and the server.</summary>
    public async Task ConnectedAsync(CancellationToken cancellation = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(TransportWatch.First + TransportWatch.Restart);
        while (Latest is { } link)
        {
            try
            {
                await link.Connected.WaitAsync(timeout.Token);
                return;
            }
            catch (OperationCanceledException) when (!timeout.IsCancellationRequested)
            {
                // Another one has taken its place.
                continue;
            }
            catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
            {
                throw new RealtimeException(new RealtimeError(ErrorCode.Unavailable, "No way to the media node: neither UDP nor TCP."), exception);
            }
        }
        throw new RealtimeException(new RealtimeError(ErrorCode.Conflict, "The room is left.", "room"));
    }

    /// <summary>What we can use of tracks of others: no more is sent. Holds until said otherwise, or until the room is joined again.</summary>
    public Task SubscribeAsync(IReadOnlyList<TrackWish> wishes, CancellationToken cancellation = default) =>
        _connection.CallAsync<Done>("Subscribe", new SubscribeRequest(Name, wishes), cancellation);

    /// <summary>What we want to see of the others; said again after every join.</summary>
    /// <param name="lastN">Videos at most, beyond the pinned ones: those who spoke last. Null: as the room is set.</param>
    /// <param name="pinned">Participants or tracks that are shown whoever speaks.</param>
    public Task SetViewAsync(int? lastN = null, IReadOnlyList<string>? pinned = null, CancellationToken cancellation = default)
    {
        var view = new SetViewRequest(Name, lastN, pinned);
        Volatile.Write(ref _view, view);
        return _connection.CallAsync<Done>("SetView", view, cancellation);
    }

    /// <summary>What everybody knows of us, at most 4 KB as JSON; kept through reconnects and moves.</summary>
    public async Task SetMetadataAsync(object? metadata, CancellationToken cancellation = default)
    {
        var element = metadata is null ? (JsonElement?)null : JsonSerializer.SerializeToElement(metadata, ContractsJson.Options);
        await _connection.CallAsync<Done>("SetParticipant", new SetParticipantRequest(Name, element), cancellation);
        lock (_gate)
            _metadata = element;
    }

    /// <summary>The others hear at once that we are gone.</summary>
    public Task LeaveAsync(CancellationToken cancellation = default) => EndAsync(CallState.Left, null, () => SayLeftAsync(cancellation));

    public async ValueTask DisposeAsync() => await LeaveAsync();

    internal bool Write(LocalTrack track, EncodedFrame frame)
    {
        var sent = false;
        foreach (var link in Volatile.Read(ref _links))
            sent |= link.Write(track, frame);
        return sent;
    }

    internal Task TellMutedAsync(LocalTrack track, CancellationToken cancellation) =>
        track.Id is { } id ? _connection.CallAsync<Done>("SetTrack", new SetTrackRequest(id, track.IsMuted, Name), cancellation) : Task.CompletedTask;

    internal Task UnpublishAsync(LocalTrack track, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _publishing.Remove(track);
            foreach (var link in _links)
                link.Unpublish(track);
        }
        return Task.CompletedTask;
    }

    RoomLink? Latest => Volatile.Read(ref _links) is [.., var latest] ? latest : null;

    bool HasEnded => _state is CallState.Left or CallState.Failed;

    async Task<LocalTrack> PublishAsync(MediaKind kind, PublishOptions? options, CancellationToken cancellation)
    {
        var track = new LocalTrack(this, kind, options ?? new PublishOptions());
        lock (_gate)
        {
            if (HasEnded)
                throw new RealtimeException(new RealtimeError(ErrorCode.Conflict, "The room is left.", "room"));
            _publishing.Add(track);
            foreach (var link in _links)
                link.Publish(track);
        }
        await ConnectedAsync(cancellation);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_options.CallTimeout);
        try
        {
            while (Latest is { } link)
            {
                var answer = link.NextAnswer;
                if (link.IsNegotiated(track))
                    break;
                await answer.WaitAsync(timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await UnpublishAsync(track, CancellationToken.None);
            throw new RealtimeException(new RealtimeError(ErrorCode.Forbidden, "The server did not take the track: does the token grant publish?", "publish"));
        }
        return track;
    }

    void Set(CallState state, RealtimeException? error = null)
    {
        lock (_gate)
        {
            if (HasEnded || (_state == state && error is null))
                return;
            _state = state;
        }
        _events.Publish(new CallStateChanged(state, error));
    }
}
