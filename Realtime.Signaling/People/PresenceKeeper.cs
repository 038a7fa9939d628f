using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.People;

/// <summary>Once a second: who of the replicas can be heard, by Redis or by their heartbeats in Postgres. When Redis comes back everything is said anew.</summary>
public sealed class PresenceKeeper(PresenceService presence, ReplicaStore replicas, RedisNews redis, Migrator migrator, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "people.keeper")
{
    bool _wasAway;

    protected override async Task TickAsync(CancellationToken stopping)
    {
        var away = redis.IsAway;
        if (_wasAway && !away)
            presence.AnnounceAll();
        _wasAway = away;
        IReadOnlyCollection<string>? live = null;
        try
        {
            if (migrator.Done.IsCompleted)
                live = await replicas.LiveBootsAsync(stopping);
        }
        catch (RealtimeException)
        {
            ActionLog.RecordVerbose(Name, "databaseAway");
        }
        presence.Tick(live ?? [], canHear: live is not null || !away);
    }
}

/// <summary>Every five minutes the board is compared with the table of sessions, and this replica's sessions are said anew: what all other ways missed is found here.</summary>
public sealed class PresenceSweeper(PresenceService presence, Migrator migrator, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromMinutes(5), "people.presenceSweeper")
{
    protected override async Task TickAsync(CancellationToken stopping)
    {
        if (!migrator.Done.IsCompleted)
            return;
        presence.AnnounceAll();
        try
        {
            await presence.CompareAsync(stopping);
        }
        catch (RealtimeException)
        {
            // Postgres is away: the board stays as it is until the next look.
            ActionLog.Record(Name, "databaseAway");
        }
    }
}

/// <summary>Every minute: who was said to type, and whose time is over.</summary>
public sealed class TypingSweeper(TypingService typing, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "people.typingSweeper")
{
    protected override Task TickAsync(CancellationToken stopping)
    {
        var over = typing.Sweep();
        if (over > 0)
            ActionLog.RecordVerbose(Name, "over", detail: over.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }
}
