using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Sessions;

/// <summary>Throws away what the guards no longer need: quarantines of yesterday, answers kept for retries.</summary>
public sealed class GuardHousekeeping(QuarantineStore quarantines, IdempotencyStore answers, Strangers strangers, Migrator migrator, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromMinutes(10), "sessions.guardHousekeeping")
{
    protected override async Task TickAsync(CancellationToken stopping)
    {
        strangers.Sweep();
        if (!migrator.Done.IsCompleted)
            return;
        try
        {
            await quarantines.TrimAsync(stopping);
            await answers.TrimAsync(stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; there is time.
            ActionLog.RecordVerbose(Name, "later");
        }
    }
}
