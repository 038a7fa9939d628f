using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Access;

/// <summary>
/// Erases users who are to be erased, a batch at a time, whichever replica comes first. One that dies in the middle is followed by another after a minute, at the step that was not
/// finished.
/// </summary>
public sealed class Erasure(ErasureStore store, Migrator migrator, RedisNews redis, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(2), "access.erasure")
{
    /// <summary>Small: a deletion locks its channel.</summary>
    public const int Batch = 50;

    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        try
        {
            while (await store.ClaimAsync(stopping) is { } claim)
                await EraseAsync(claim, stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; the claim ends by itself.
            ActionLog.RecordVerbose(Name, "away");
        }
    }

    async Task EraseAsync(ErasureClaim claim, CancellationToken stopping)
    {
        for (var step = claim.Step; step < ErasureSteps.All.Count; step++)
        {
            while (await store.RunStepAsync(claim.User, step, Batch, stopping) > 0)
            {
                Heartbeat();
                redis.Nudge();
                await store.AdvanceAsync(claim.User, step, stopping);
            }
            await store.AdvanceAsync(claim.User, step + 1, stopping);
        }
        ActionLog.Record(Name, "erased");
    }
}
