using System.Text.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Presence;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>
/// Presence on this replica: the board, and the ways news of it come and go. The truth is the table of sessions, changed by whoever holds a session and announced by its
/// outbox entry; Redis says the same sooner, and alone while Postgres is away. <see cref="PresenceTeller"/> tells people.
/// </summary>
public sealed class PresenceService : IOutboxConsumer, IDisposable
{
    /// <summary>Introductions that wait; more are not made (a change of presence is told all the same).</summary>
    const int MaxIntroductions = 50_000;

    /// <summary>Entries that wait to be said by Redis; more are not said, the outbox has them.</summary>
    const int MaxOutgoing = 50_000;

    const int PageSize = 5000;

    readonly Lock _gate = new();
    readonly SemaphoreSlim _wake = new(0, 1);
    readonly PresenceBoard _board;
    readonly HubConnections _connections;
    readonly SessionStore _store;
    readonly RedisNews _redis;
    readonly ReplicaIdentity _self;
    readonly TimeProvider _time;
    List<PresenceEntry> _outgoing = [];
    List<Introduction> _introductions = [];

    public PresenceService(HubConnections connections, SessionStore store, RedisNews redis, MemberIndex members, ReplicaIdentity self, TimeProvider time)
    {
        (_connections, _store, _redis, _self, _time) = (connections, store, redis, self, time);
        _board = new PresenceBoard(self.Boot);
        redis.Listen(PresenceNews.Topic, Take);
        members.Changed = MembersChanged;
    }

    /// <summary>Says what a session held here is now: when it begins, comes back, or has another generation.</summary>
    public void Announce(HubSession session)
    {
        var entry = session.Status.ToEntry(session.Id, session.User, _self.Boot, session.Generation);
        lock (_gate)
        {
            _board.Apply(entry, _time.GetUtcNow());
            Say(entry);
        }
        Wake();
    }

    /// <exception cref="RealtimeException"><c>invalid</c> or <c>tooLarge</c>.</exception>
    public async Task SetAsync(HubSession session, SetPresenceRequest request, CancellationToken cancellation)
    {
        if (!Appearance.IsStatus(request.Status))
            throw new RealtimeException(new(ErrorCode.Invalid, "One of online, idle, dnd, invisible.", "status"));
        if (ActivityRules.Read(request.Activity, out var activity) is { } refusal)
            throw new RealtimeException(refusal);
        var before = session.Status;
        if (before.Status == request.Status && before.Activity == activity)
            return;
        session.Status = before.Change(request.Status!, activity, _time.GetUtcNow());
        ActionLog.Record("people", "presence", session.User, detail: request.Status);
        Announce(session);
        if (session.NeedsSave)
            return;
        try
        {
            await _store.SetStatusAsync(session.ToRow(), cancellation);
            _redis.Nudge();
        }
        catch (RealtimeException)
        {
            // The others know by Redis; the keeper writes it when it can.
            session.NeedsSave = true;
        }
    }

    /// <summary>The session has ended. The people here learn it from this, the other replicas by <see cref="TellEnded"/> or with the row.</summary>
    public void End(string session, string user, long generation)
    {
        var gone = Gone(session, user, generation);
        lock (_gate)
            _board.Apply(gone, gone.Since);
        Wake();
    }

    public void TellEnded(string session, string user, long generation)
    {
        lock (_gate)
            Say(Gone(session, user, generation));
        Wake();
    }

    /// <summary>What is known of a session's device, for one that comes back while its row cannot be read.</summary>
    public DeviceStatus? StatusOf(string session)
    {
        lock (_gate)
            return _board.Find(session) is { } known ? new DeviceStatus(known.Status, known.Since, known.Activity, known.Version) : null;
    }

    public PresenceEvent Of(string user)
    {
        lock (_gate)
            return _board.Appearance(user, _time.GetUtcNow()).ToEvent(user);
    }

    /// <summary>How users see themselves: who hides is told so.</summary>
    public PresenceEvent OfSelf(string user)
    {
        lock (_gate)
        {
            var shown = _board.Appearance(user, _time.GetUtcNow());
            return shown.Status == PresenceStatus.Offline && _board.Devices(user).MaxBy(static device => device.Since) is { } hidden
                ? new PresenceEvent(user, hidden.Status, hidden.Since, hidden.Activity)
                : shown.ToEvent(user);
        }
    }

    /// <summary>To be told the presence of some: one who begins, or all who read a channel.</summary>
    public void Introduce(Introduction introduction)
    {
        lock (_gate)
        {
            if (_introductions.Count < MaxIntroductions)
                _introductions.Add(introduction);
        }
        Wake();
    }

    /// <summary>Lets time pass, and says that this replica is there.</summary>
    public void Tick(IReadOnlyCollection<string> liveReplicas, bool canHear)
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            foreach (var boot in liveReplicas)
                _board.Heard(boot, now);
            _board.Tick(now, canHear);
        }
        _redis.Broadcast(PresenceNews.Topic, Encode([]));
        Wake();
    }

    /// <summary>Compares with the table of sessions.</summary>
    public async Task CompareAsync(CancellationToken cancellation)
    {
        var readAt = _time.GetUtcNow();
        var stored = new List<PresenceEntry>();
        while (stored.Count < PresenceBoard.MaxDevices)
        {
            var page = await _store.PresenceAsync(stored.Count == 0 ? "" : stored[^1].Session, PageSize, cancellation);
            stored.AddRange(page);
            if (page.Count < PageSize)
                break;
        }
        lock (_gate)
            _board.Replace(stored, readAt, _time.GetUtcNow(), session => _connections.Holder(session) is not null);
        Wake();
    }

    /// <summary>Says everything of this replica's sessions anew: others may have missed it.</summary>
    public void AnnounceAll()
    {
        foreach (var connection in _connections.All)
        {
            if (connection.Session is { } session && _connections.Holder(session.Id) == connection)
                Announce(session);
        }
    }

    internal Task WaitAsync(CancellationToken cancellation) => _wake.WaitAsync(cancellation);

    /// <summary>What is to be told, and says to the other replicas what is to be said.</summary>
    internal PresenceWork TakeWork()
    {
        List<PresenceEntry> outgoing;
        PresenceWork work;
        lock (_gate)
        {
            (outgoing, _outgoing) = (_outgoing, []);
            work = new PresenceWork(_board.TakeChanged(), _introductions);
            _introductions = [];
        }
        foreach (var entries in outgoing.Chunk(PresenceNews.MaxEntries))
            _redis.Broadcast(PresenceNews.Topic, Encode(entries));
        return work;
    }

    bool IOutboxConsumer.Takes(string kind) => kind is OutboxKind.Presence or OutboxKind.SessionTaken;

    Task IOutboxConsumer.BeginAsync(CancellationToken cancellation) => CompareAsync(cancellation);

    void IOutboxConsumer.Take(OutboxEntry entry)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (entry.Kind == OutboxKind.SessionTaken)
            {
                if (entry.Payload is { } boot && _board.Find(entry.Key) is { } known && known.Generation < entry.Number)
                    _board.Apply(known with { Generation = entry.Number, Boot = boot }, now);
            }
            else if (entry.Payload is not { } payload)
                _board.Apply(Gone(entry.Key, "", entry.Number), now);
            else if (SafeJson.TryRead<PresenceEntry>(System.Text.Encoding.UTF8.GetBytes(payload), out var read) && PresenceNews.IsWholeEntry(read))
                _board.Apply(read, now);
            else
                ActionLog.Record("people", "unreadableNews", detail: OutboxKind.Presence);
        }
        Wake();
    }

    void Take(ReadOnlyMemory<byte> message)
    {
        if (!SafeJson.TryRead<PresenceNews>(message, out var news, PresenceNews.MaxBytes) || !news.IsWhole)
        {
            ActionLog.Record("people", "unreadableNews", detail: PresenceNews.Topic);
            return;
        }
        if (news.Boot == _self.Boot)
            return;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            foreach (var entry in news.Entries)
                _board.Apply(entry, now);
            _board.Heard(news.Boot, now);
        }
        Wake();
    }

    void MembersChanged(ChannelFeed feed, MemberChange change)
    {
        if (change.Joined.Count > 0)
            Introduce(new Introduction([.. change.Joined.Select(static member => member.User)], Feed: feed));
        if (change.Left.Count > 0)
            Introduce(new Introduction([.. change.Left.Select(static member => member.User)], Feed: feed, Left: true));
    }

    PresenceEntry Gone(string session, string user, long generation) =>
        new(session, user, _self.Boot, generation, 0, PresenceStatus.Offline, _time.GetUtcNow(), Gone: true);

    void Say(PresenceEntry entry)
    {
        if (_outgoing.Count < MaxOutgoing)
            _outgoing.Add(entry);
    }

    byte[] Encode(IReadOnlyList<PresenceEntry> entries) => JsonSerializer.SerializeToUtf8Bytes(new PresenceNews(_self.Boot, entries), ContractsJson.Options);

    void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    public void Dispose() => _wake.Dispose();
}
