using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Webhooks;

/// <summary>Every five seconds: claims that nobody will end any more. Every minute: endpoints with too much waiting, records that are old.</summary>
public sealed partial class DeliverySweeper(
    DeliveryStore store, DeliveryRecords records, EndpointStore endpoints, DeliveryWorker worker, IOptionsMonitor<WebhookOptions> options, Migrator migrator, Supervisor supervisor,
    ILogger<DeliverySweeper> log) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(5), "webhooks.sweeper")
{
    const int TrimBatchesAtMost = 20;

    static readonly TimeSpan TrimEvery = TimeSpan.FromMinutes(1);

    long _trimmedAt;

    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        try
        {
            await RecoverAsync(stopping);
            if (_trimmedAt == 0 || Time.GetElapsedTime(_trimmedAt) >= TrimEvery)
            {
                _trimmedAt = Time.GetTimestamp();
                await TrimAsync(stopping);
            }
        }
        catch (RealtimeException)
        {
            // The database is away; there is time until the next minute.
            ActionLog.RecordVerbose(Name, "later");
        }
    }

    internal async Task SweepAsync(CancellationToken stopping)
    {
        await RecoverAsync(stopping);
        await TrimAsync(stopping);
    }

    async Task RecoverAsync(CancellationToken stopping)
    {
        var rules = options.CurrentValue;
        var (released, dead) = await store.RecoverAsync(Time.GetUtcNow(), rules.MaxAttempts, rules.MaxCrashes, stopping);
        if (released + dead > 0)
        {
            CleanedLeaks.Count("deliveries", released + dead);
            ActionLog.Record(Name, "recovered", released + dead);
            LogRecovered(released, dead);
            worker.Wake();
        }
    }

    async Task TrimAsync(CancellationToken stopping)
    {
        var (now, rules) = (Time.GetUtcNow(), options.CurrentValue);
        foreach (var endpoint in await records.OverfullAsync(rules.MaxWaiting, stopping))
        {
            await endpoints.DisableAsync(endpoint, WebhookEndpoint.Backlog, stopping);
            LogOverfull(endpoint, rules.MaxWaiting);
        }
        for (var i = 0; i < TrimBatchesAtMost && await records.TrimAsync(now - rules.KeepDelivered, now - rules.KeepDead, stopping) > 0; i++)
            ActionLog.RecordVerbose(Name, "trimmed");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deliveries whose attempt ended without a result: {Released} are pending again, {Dead} are dead")]
    partial void LogRecovered(int released, int dead);

    [LoggerMessage(Level = LogLevel.Error, Message = "More than {Most} deliveries wait for webhook {Endpoint}: it is disabled")]
    partial void LogOverfull(string endpoint, int most);
}
