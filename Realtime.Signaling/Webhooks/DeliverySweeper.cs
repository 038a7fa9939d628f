using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Webhooks;

/// <summary>Every minute: claims that nobody will end any more, endpoints with too much waiting, records that are old.</summary>
public sealed partial class DeliverySweeper(
    DeliveryStore store, DeliveryRecords records, EndpointStore endpoints, DeliveryWorker worker, IOptionsMonitor<WebhookOptions> options, Migrator migrator, Supervisor supervisor,
    ILogger<DeliverySweeper> log) : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "webhooks.sweeper")
{
    const int TrimBatchesAtMost = 20;

    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        try
        {
            await SweepAsync(stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; there is time until the next minute.
            ActionLog.RecordVerbose(Name, "later");
        }
    }

    internal async Task SweepAsync(CancellationToken stopping)
    {
        var (now, rules) = (Time.GetUtcNow(), options.CurrentValue);
        var (released, dead) = await store.RecoverAsync(now, rules.MaxAttempts, rules.MaxCrashes, stopping);
        if (released + dead > 0)
        {
            CleanedLeaks.Count("deliveries", released + dead);
            ActionLog.Record(Name, "recovered", released + dead);
            LogRecovered(released, dead);
            worker.Wake();
        }
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
