using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.People;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// Keeps sessions and their rows true to each other: says every second that this replica lives, writes what could not be written, and ends what is due anywhere,
/// a dead replica's sessions included.
/// </summary>
public sealed class SessionKeeper(
    ReplicaStore replicas, SessionStore store, HubConnections connections, SessionService sessions, SessionTaken taken, SessionEnd sessionEnd, Migrator migrator, Supervisor supervisor)
    : SupervisedService(supervisor, "sessions.keeper")
{
    const int ReapAtOnce = 500;

    /// <summary>How often rows and sessions are compared, besides after every outage: with the lease, a row that nobody holds is gone within 30 s.</summary>
    static readonly TimeSpan CompareEvery = TimeSpan.FromSeconds(10);

    /// <summary>Rows of this replica that no connection has, and since when that was seen: one that is being taken by a Hello looks the same for a moment.</summary>
    readonly Dictionary<(string Session, long Generation), long> _strays = [];

    long _steadySince;
    long _comparedAt;

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(2);

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        while (true)
        {
            Heartbeat();
            await RunItemAsync("turn", TurnAsync, stopping);
            await Task.Delay(SessionRules.Heartbeat, Time, stopping);
        }
    }

    async Task TurnAsync(CancellationToken stopping)
    {
        try
        {
            await replicas.BeatAsync(stopping);
            if (_steadySince == 0)
            {
                _steadySince = Time.GetTimestamp();
                _comparedAt = 0;
            }
            foreach (var connection in connections.All)
            {
                if (connection.Session is { NeedsSave: true } session && connections.Holder(session.Id) == connection)
                    await RunItemAsync("save", token => sessions.SaveAsync(session, token), stopping, session.User);
            }
            if (_comparedAt == 0 || Time.GetElapsedTime(_comparedAt) >= CompareEvery)
            {
                await CompareAsync(stopping);
                _comparedAt = Time.GetTimestamp();
            }
            await ReleaseStraysAsync(stopping);
            // After an outage every replica looks dead to the others, and every lease has run out: first all get the time to say otherwise.
            if (Time.GetElapsedTime(_steadySince) >= SessionRules.OrphanedAfter)
                await ReapAsync(stopping);
        }
        catch (RealtimeException)
        {
            _steadySince = 0;
        }
    }

    async Task CompareAsync(CancellationToken stopping)
    {
        // Before the table is read: what is written meanwhile may be missing in it and yet be there.
        var stored = connections.All.Where(static connection => connection.Session is { IsStored: true }).ToList();
        var held = await store.HeldAsync(stopping);
        List<HubConnection> missing = [.. stored.Where(connection => connection.Session is { IsStored: true } session && !held.ContainsKey(session.Id) && connections.Holder(session.Id) == connection)];
        if (missing.Count > 0)
            await MissingAsync(missing, stopping);
        var now = Time.GetTimestamp();
        foreach (var (session, generation) in held)
        {
            if (connections.Holder(session) is null)
                _strays.TryAdd((session, generation), now);
        }
    }

    /// <summary>Sessions of ours whose rows are not: gone on at another replica, which is only not known here yet, or ended by others who took us for dead.</summary>
    async Task MissingAsync(IReadOnlyList<HubConnection> missing, CancellationToken stopping)
    {
        var elsewhere = await store.TakenAsync([.. missing.Select(static connection => connection.Session!.Id)], stopping);
        foreach (var connection in missing)
        {
            if (connection.Session is not { IsStored: true } session || connections.Holder(session.Id) != connection)
                continue;
            if (elsewhere.TryGetValue(session.Id, out var generation) && generation > session.Generation)
                taken.LetGo(session.Id, generation);
            else
                sessions.Reclaim(session);
        }
    }

    async Task ReleaseStraysAsync(CancellationToken stopping)
    {
        foreach (var ((session, generation), since) in _strays.ToList())
        {
            var isHeld = connections.Holder(session) is not null;
            if (!isHeld && Time.GetElapsedTime(since) < SessionRules.StrayAfter)
                continue;
            if (!isHeld)
            {
                CleanedLeaks.Count("sessions");
                await store.ReleaseStrayAsync(session, generation, SessionRules.Lease, stopping);
            }
            _strays.Remove((session, generation));
        }
    }

    async Task ReapAsync(CancellationToken stopping)
    {
        var due = await store.ClaimDueAsync(SessionRules.OrphanedAfter, ReapAtOnce, stopping);
        if (due.Count == 0)
            return;
        ActionLog.Record("sessions", "due", due.Count);
        await sessionEnd.RunAsync([.. due.Select(static row => EndingSession.Of(row, EndReason.Lost))], stopping);
        CleanedLeaks.Count("sessions", due.Count);
    }
}
