using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>
/// The friends of the users whose sessions are here, read when the first of them comes and whenever a <c>friend</c> event says that they changed. While Postgres is away they
/// are asked for again and again. Bounded by <see cref="MaxEdges"/>: users beyond hear of their friends on request alone.
/// </summary>
public sealed class FriendIndex(FriendStore store, HubConnections connections, PresenceService presence, Migrator migrator, Supervisor supervisor)
    : SupervisedService(supervisor, "people.friends"), IOutboxConsumer
{
    public const int MaxEdges = 2_000_000;

    const int ReadAtOnce = 100;

    static readonly HashSet<string> Nobody = [];

    static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    readonly Lock _gate = new();
    readonly SemaphoreSlim _wake = new(0, 1);
    readonly Dictionary<string, HashSet<string>> _friends = new(StringComparer.Ordinal);
    readonly Dictionary<string, HashSet<string>> _watchers = new(StringComparer.Ordinal);
    // Bounded by the users whose sessions are here; with the connections that wait to be told their friends' presence.
    Dictionary<string, List<ConnectionLanes>> _dirty = new(StringComparer.Ordinal);
    int _edges;

    /// <summary>The users here who are friends with somebody.</summary>
    public IReadOnlyList<string> WatchersOf(string user)
    {
        lock (_gate)
            return _watchers.TryGetValue(user, out var watchers) ? [.. watchers] : [];
    }

    /// <summary>A session began or came back here: it is told the presence of its user's friends, and hears of changes.</summary>
    public void Attach(string user, ConnectionLanes lanes)
    {
        lock (_gate)
        {
            if (!_friends.TryGetValue(user, out var friends))
            {
                Ask(user, lanes);
                return;
            }
            presence.Introduce(new Introduction([.. friends], To: lanes));
        }
    }

    /// <summary>Forgets the user's friends if no session is left here.</summary>
    public void Detach(string user)
    {
        lock (_gate)
        {
            if (!connections.OfUser(user).IsEmpty)
                return;
            _dirty.Remove(user);
            Replace(user, null);
        }
    }

    bool IOutboxConsumer.Takes(string kind) => kind == OutboxKind.User;

    /// <summary>What is known was read after this node's cursor was set, or will be.</summary>
    Task IOutboxConsumer.BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    void IOutboxConsumer.Take(OutboxEntry entry)
    {
        if (connections.OfUser(entry.Key).IsEmpty || !UserEvent.TryReadOutbox(entry.Key, entry.Payload, out var read) || read.Name != HubEvent.Friend)
            return;
        lock (_gate)
            Ask(entry.Key, null);
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        while (true)
        {
            await _wake.WaitAsync(stopping);
            await Task.Delay(Gather, Time, stopping);
            Dictionary<string, List<ConnectionLanes>> asked;
            lock (_gate)
                (asked, _dirty) = (_dirty, new(StringComparer.Ordinal));
            foreach (var chunk in asked.Chunk(ReadAtOnce))
            {
                var done = false;
                await RunItemAsync("read", async token => done = await ReadAsync(chunk, token), stopping);
                if (done)
                    continue;
                lock (_gate)
                {
                    foreach (var (user, waiting) in chunk)
                        AskAgain(user, waiting);
                }
                await Task.Delay(RetryEvery, Time, stopping);
            }
        }
    }

    async Task<bool> ReadAsync(KeyValuePair<string, List<ConnectionLanes>>[] asked, CancellationToken cancellation)
    {
        Dictionary<string, HashSet<string>> read;
        try
        {
            read = await store.FriendsOfAsync([.. asked.Select(static one => one.Key)], cancellation);
        }
        catch (RealtimeException)
        {
            ActionLog.RecordVerbose(Name, "databaseAway");
            return false;
        }
        foreach (var (user, waiting) in asked)
        {
            HashSet<string> fresh;
            lock (_gate)
            {
                var here = connections.OfUser(user);
                if (here.IsEmpty)
                    continue;
                fresh = [.. read[user].Except(_friends.GetValueOrDefault(user) ?? [])];
                Replace(user, read[user]);
            }
            foreach (var lanes in waiting)
                presence.Introduce(new Introduction([.. read[user]], To: lanes));
            // Who became a friend just now is told to the others of the user's devices.
            foreach (var connection in connections.OfUser(user).Where(connection => fresh.Count > 0 && !waiting.Contains(connection.Lanes)))
                presence.Introduce(new Introduction([.. fresh], To: connection.Lanes));
        }
        return true;
    }

    void AskAgain(string user, List<ConnectionLanes> waiting)
    {
        if (waiting.Count == 0)
            Ask(user, null);
        foreach (var lanes in waiting)
            Ask(user, lanes);
    }

    void Ask(string user, ConnectionLanes? lanes)
    {
        if (!_dirty.TryGetValue(user, out var waiting))
            _dirty[user] = waiting = [];
        if (lanes is not null)
        {
            waiting.RemoveAll(static one => one.IsClosed);
            waiting.Add(lanes);
        }
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    void Replace(string user, HashSet<string>? friends)
    {
        if (_friends.Remove(user, out var before))
        {
            _edges -= before.Count;
            foreach (var friend in before)
            {
                if (_watchers.TryGetValue(friend, out var watchers) && watchers.Remove(user) && watchers.Count == 0)
                    _watchers.Remove(friend);
            }
        }
        if (friends is null || _edges + friends.Count > MaxEdges)
            return;
        // Most have none.
        _friends[user] = friends.Count == 0 ? Nobody : friends;
        _edges += friends.Count;
        foreach (var friend in friends)
        {
            if (!_watchers.TryGetValue(friend, out var watchers))
                _watchers[friend] = watchers = new(StringComparer.Ordinal);
            watchers.Add(user);
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
