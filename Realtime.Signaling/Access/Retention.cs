using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Access;

/// <summary>Every minute: removes what is older than it may be, and what deleted channels held; whichever replica comes first. Replicas are told, so that memory forgets it too.</summary>
public sealed class Retention(RetentionStore store, IOptionsMonitor<RetentionOptions> options, Migrator migrator, RedisNews redis, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "access.retention")
{
    const int ChannelsPerTick = 100;
    const int Batch = 500;
    const int BatchesPerTick = 20;

    /// <summary>Rows removed since the start.</summary>
    public long Removed { get; private set; }

    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        var keep = options.CurrentValue;
        try
        {
            foreach (var aged in await store.AgedAsync(keep.Messages, ChannelsPerTick, stopping))
                await RepeatAsync(token => store.TrimMessagesAsync(aged, Batch, token), stopping);
            await RepeatAsync(token => store.TrimCrashReportsAsync(keep.CrashReports, Batch, token), stopping);
            await RepeatAsync(token => store.TrimKicksAsync(keep.Kicks, Batch, token), stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; there is time until the next minute.
            ActionLog.RecordVerbose(Name, "away");
        }
    }

    async Task RepeatAsync(Func<CancellationToken, Task<int>> trim, CancellationToken stopping)
    {
        for (var i = 0; i < BatchesPerTick; i++)
        {
            var removed = await trim(stopping);
            Removed += removed;
            if (removed > 0)
                redis.Nudge();
            if (removed < Batch)
                return;
        }
    }
}
