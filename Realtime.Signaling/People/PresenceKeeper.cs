using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Presence;

namespace Realtime.Signaling.People;

/// <summary>
/// Once a second: who of the replicas can be heard, by Redis or by their heartbeats in Postgres. When Redis comes back, and when this process stood still for a while (then the
/// silence was its own), everything is said anew and compared with the table.
/// </summary>
public sealed class PresenceKeeper(PresenceService presence, ReplicaStore replicas, RedisNews redis, Migrator migrator, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "people.keeper")
{
    bool _wasAway;
    bool _compare;
    long _tickedAt;

    protected override async Task TickAsync(CancellationToken stopping)
    {
        var away = redis.IsAway;
        var stoodStill = _tickedAt != 0 && Time.GetElapsedTime(_tickedAt) > PresenceBoard.SilentAfter;
        _tickedAt = Time.GetTimestamp();
        if (stoodStill || (_wasAway && !away))
        {
            presence.AnnounceAll();
            _compare = true;
        }
        _wasAway = away;
        IReadOnlyCollection<string>? live = null;
        try
        {
            if (migrator.Done.IsCompleted)
                live = await replicas.LiveBootsAsync(stopping);
            if (_compare && live is not null)
            {
                await presence.CompareAsync(stopping);
                _compare = false;
            }
        }
        catch (RealtimeException)
        {
            ActionLog.RecordVerbose(Name, "databaseAway");
        }
        presence.Tick(live ?? [], canHear: !stoodStill && (live is not null || !away));
    }
}
