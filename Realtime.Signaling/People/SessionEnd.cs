using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;

namespace Realtime.Signaling.People;

/// <summary>
/// The end of a session, step by step (design §8). Each step can be done twice and is guarded by itself: one that fails does not hold up the others, and is tried again every
/// <see cref="RetryEvery"/>. The row goes last: as long as it is there, another replica will take charge of it when this one dies, and do the steps again. What a step
/// changes for others is announced with the row at the latest, so nobody depends on a replica that is no more.
/// </summary>
public sealed class SessionEnd : SupervisedTicker
{
    public const string Component = "sessionEnd";

    public static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>A step that failed this often is left out: it was reported each time, and a session must not stay for ever because of our own fault.</summary>
    const int MaxAttempts = 10;

    const int RowsAtOnce = 500;

    /// <summary>Sessions kept for another attempt, as when Postgres is away; the rows of more are found by who compares rows and sessions.</summary>
    const int MaxPending = 50_000;

    /// <summary>Steps before the row, in their order.</summary>
    public static readonly IReadOnlyList<string> StepNames = ["presence", "typing", "voice", "memberships", "tasks", "friends", "analytics"];

    /// <summary>The last step.</summary>
    public const string RowStep = "row";

    readonly (string Name, Action<EndingSession> Do)[] _steps;
    readonly ConcurrentDictionary<(string Id, long Generation), EndingSession> _pending = new();
    readonly PresenceService _presence;
    readonly TypingService _typing;
    readonly RoomService _rooms;
    readonly ChannelFeeds _feeds;
    readonly FriendIndex _friends;
    readonly SessionStore _store;
    readonly RedisNews _redis;
    readonly Supervisor _supervisor;
    long _ended;

    public SessionEnd(
        PresenceService presence, TypingService typing, RoomService rooms, ChannelFeeds feeds, FriendIndex friends, SessionStore store, RedisNews redis, Supervisor supervisor)
        : base(supervisor, RetryEvery, "people.sessionEnd")
    {
        (_presence, _typing, _rooms, _feeds, _friends, _store, _redis, _supervisor) = (presence, typing, rooms, feeds, friends, store, redis, supervisor);
        _steps = [.. StepNames.Zip<string, Action<EndingSession>>([PresenceOff, TypingCleared, VoiceLeft, MembershipsRemoved, TasksCancelled, FriendsTold, Counted])];
    }

    /// <summary>Sessions that ended here since the start.</summary>
    public long Ended => Volatile.Read(ref _ended);

    /// <summary>Sessions with steps left to do.</summary>
    public int Pending => _pending.Count;

    /// <summary>Ends them now, as far as it goes; what is left is done later.</summary>
    public async Task RunAsync(IReadOnlyList<EndingSession> sessions, CancellationToken cancellation)
    {
        foreach (var session in sessions)
        {
            if (_pending.Count < MaxPending)
                _pending[(session.Id, session.Generation)] = session;
        }
        await WorkAsync(sessions, cancellation);
    }

    protected override async Task TickAsync(CancellationToken stopping)
    {
        foreach (var chunk in _pending.Values.Chunk(RowsAtOnce))
            await WorkAsync(chunk, stopping);
    }

    async Task WorkAsync(IReadOnlyList<EndingSession> sessions, CancellationToken cancellation)
    {
        var entered = sessions.Where(static session => session.TryEnter()).ToList();
        try
        {
            foreach (var session in entered)
            {
                session.Attempts++;
                foreach (var (name, step) in _steps)
                    await StepAsync(session, name, step, cancellation);
            }
            var ready = entered.FindAll(session => session.Done.Count == _steps.Length || session.Attempts >= MaxAttempts);
            if (ready.Count > 0)
                await RowsGoneAsync(ready, cancellation);
        }
        finally
        {
            foreach (var session in entered)
                session.Leave();
        }
    }

    async Task StepAsync(EndingSession session, string name, Action<EndingSession> step, CancellationToken cancellation)
    {
        if (session.Done.Contains(name))
            return;
        var outcome = await _supervisor.Guarded.RunAsync(new GuardedContext(Component, name, session.User), async token =>
        {
            await FaultPoint.HitAsync(Component, name, session.User, cancellation: token);
            step(session);
        }, cancellation);
        if (outcome.Succeeded)
            session.Done.Add(name);
    }

    /// <summary>Board only: its user is not seen here any more.</summary>
    void PresenceOff(EndingSession session) => _presence.End(session.Id, session.User, session.Generation);

    void TypingCleared(EndingSession session) => _typing.SessionEnded(session.Id, session.User, session.Name);

    /// <summary>Its participants leave; each room's node announces it. Kept until the node has acknowledged it.</summary>
    void VoiceLeft(EndingSession session) => _rooms.SessionEnded(session.Id, session.Rooms, LeaveReason.SessionEnded);

    /// <summary>Out of the member lists here; Redis holds nothing of a session. The other replicas compare when the row has gone.</summary>
    void MembershipsRemoved(EndingSession session)
    {
        foreach (var reader in session.Held?.RemoveAll() ?? [])
            reader.Feed.Unsubscribe(reader);
        foreach (var channel in session.Channels)
            _feeds.Find(channel)?.ChangeMembers(view => view.Leave(session.Id));
    }

    /// <summary>What still runs for it stops, above all a write of its row that would bring it back.</summary>
    void TasksCancelled(EndingSession session)
    {
        session.Held?.Stop();
        _friends.Detach(session.User);
    }

    /// <summary>To friends and channels at the other replicas; those here know by the first step.</summary>
    void FriendsTold(EndingSession session) => _presence.TellEnded(session.Id, session.User, session.Generation);

    /// <summary>For this replica's metrics. The count by day is kept in the statement of the last step: exact, whoever takes it.</summary>
    void Counted(EndingSession session)
    {
        Interlocked.Increment(ref _ended);
        ActionLog.Record("sessions", "ended", session.User, detail: session.Reason);
    }

    async Task RowsGoneAsync(List<EndingSession> sessions, CancellationToken cancellation)
    {
        var outcome = await _supervisor.Guarded.RunAsync(new GuardedContext(Component, RowStep, sessions[0].User), async token =>
        {
            try
            {
                await FaultPoint.HitAsync(Component, RowStep, sessions[0].User, cancellation: token);
                await _store.EndAsync([.. sessions.Select(static session => session.ToRow())], token);
                foreach (var session in sessions)
                    _pending.TryRemove(new((session.Id, session.Generation), session));
                _redis.Nudge();
            }
            catch (RealtimeException)
            {
                // The database is away: tried again until it is back.
                ActionLog.RecordVerbose(Name, "databaseAway");
            }
        }, cancellation);
        if (!outcome.Succeeded)
            ActionLog.Record(Name, "rowStays", sessions.Count);
    }
}
