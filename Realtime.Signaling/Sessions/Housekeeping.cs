using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>What has to be thrown away now and then, in memory every minute, in the database every hour (whichever replica comes first).</summary>
public sealed class Housekeeping(
    ChannelFeeds feeds, Limits limits, Revocations revocations, RevocationStore revocationStore, OutboxReader outbox, ReplicaStore replicas, IOptionsMonitor<DatabaseOptions> options,
    Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "sessions.housekeeping")
{
    const int TrimEveryTicks = 60;
    const int TrimBatchesAtMost = 100;
    const int LimitsEveryTicks = 10;

    long _ticks;

    protected override async Task TickAsync(CancellationToken stopping)
    {
        _ticks++;
        feeds.Evict();
        revocations.Sweep();
        if (_ticks % LimitsEveryTicks == 0)
            limits.Sweep(Time.GetUtcNow());
        if (_ticks % TrimEveryTicks == 0)
            await TrimAsync(stopping);
    }

    async Task TrimAsync(CancellationToken stopping)
    {
        try
        {
            for (var i = 0; i < TrimBatchesAtMost && await outbox.TrimAsync(options.CurrentValue.OutboxRetention, stopping) > 0; i++)
                ActionLog.RecordVerbose(Name, "outboxTrimmed");
            await replicas.TrimAsync(stopping);
            await revocationStore.TrimAsync(stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; there is time until the next hour.
            ActionLog.RecordVerbose(Name, "trimLater");
        }
    }
}
