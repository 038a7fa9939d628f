using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.People;

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
