using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Webhooks;

/// <summary>
/// One attempt from its claim to what is written about it. A delivery whose attempt throws (a poison item) has used that attempt like any other: it is put off, and in the end dead. A
/// result that cannot be written is tried again while the lease lasts; after that the sweeper has it.
/// </summary>
public sealed partial class DeliveryAttempts(
    DeliveryStore store, EndpointStore endpoints, WebhookSender sender, CircuitRegistry circuits, Guarded guarded, IOptionsMonitor<WebhookOptions> options, TimeProvider time,
    ILogger<DeliveryAttempts> log)
{
    const string Component = "webhooks";

    static readonly TimeSpan WriteAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Endpoints that failed here: bounded by their number, cleared by success and deletion.</summary>
    readonly ConcurrentDictionary<string, CircuitBreaker> _circuits = new(StringComparer.Ordinal);

    public static string CircuitOf(string endpoint) => $"webhook:{endpoint}";

    /// <summary>Endpoints not to be called from here at the moment.</summary>
    public IReadOnlyCollection<string> Shut() => [.. _circuits.Where(static one => one.Value.RetryAfter > TimeSpan.Zero).Select(static one => one.Key)];

    /// <summary>The endpoint is gone.</summary>
    public void Forget(string endpoint)
    {
        _circuits.TryRemove(endpoint, out _);
        circuits.Remove(CircuitOf(endpoint));
    }

    public async Task MakeAsync(ClaimedDelivery delivery, CancellationToken stopping)
    {
        var circuit = _circuits.GetOrAdd(delivery.Endpoint, id => circuits.Get(new CircuitBreakerOptions(CircuitOf(id)) { CallTimeout = options.CurrentValue.Timeout }));
        if (!circuit.TryEnter(out var ticket))
        {
            await WriteAsync(() => store.ReleaseAsync(delivery));
            return;
        }
        try
        {
            var attempt = await guarded.RunAsync(new GuardedContext(Component, "send"), token => sender.SendAsync(delivery, token), stopping);
            var outcome = attempt.Value ?? new DeliveryOutcome(false, null, $"failed here, incident {attempt.Incident}");
            // Whatever answers is there, but for those that say themselves that they are not.
            if (outcome.Delivered || outcome.Status is < 500 and not 429)
                circuit.Success(ticket);
            else
                circuit.Failure(ticket, outcome.Status is { } status ? $"status{status}" : "unreachable");
            await WriteAsync(() => SettleAsync(delivery, outcome));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            circuit.Abandon(ticket);
            await WriteAsync(() => store.ReleaseAsync(delivery));
            ActionLog.Record(Component, "released", delivery.Id);
        }
    }

    async Task SettleAsync(ClaimedDelivery delivery, DeliveryOutcome outcome)
    {
        var now = time.GetUtcNow();
        if (outcome.Delivered)
        {
            await store.DeliveredAsync(delivery, outcome.Status, now);
            WebhookMetrics.Attempted("delivered");
        }
        else if (outcome.IsGone)
        {
            await store.BuryAsync(delivery, outcome, now);
            await endpoints.DisableAsync(delivery.Endpoint, WebhookEndpoint.Gone, CancellationToken.None);
            WebhookMetrics.Attempted("gone");
            LogGone(delivery.Endpoint);
        }
        else if (delivery.Attempts >= options.CurrentValue.MaxAttempts)
        {
            await store.BuryAsync(delivery, outcome, now);
            WebhookMetrics.Attempted("dead");
            LogDead(delivery.Id, delivery.Endpoint, delivery.Attempts, outcome.Error);
        }
        else
        {
            await store.RetryAsync(delivery, outcome, now + DeliveryRules.PauseAfter(delivery.Attempts, Random.Shared.NextDouble(), outcome.Wish));
            WebhookMetrics.Attempted("failed");
        }
        ActionLog.RecordVerbose(Component, outcome.Delivered ? "delivered" : "failed", detail: delivery.Endpoint);
    }

    async Task WriteAsync(Func<Task> write)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (RealtimeException refused) when (time.GetElapsedTime(started) < DeliveryRules.Lease / 2)
            {
                ActionLog.RecordVerbose(Component, "writeAgain", detail: refused.Error.Code);
            }
            catch (RealtimeException refused)
            {
                // The lease ends, and the sweeper makes it pending: it may be sent twice, which receivers tell by its id.
                LogNotWritten(refused.Error.Code);
                return;
            }
            await Task.Delay(WriteAgainAfter, time);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Endpoint} answered 410: it is disabled")]
    partial void LogGone(string endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {Delivery} to webhook {Endpoint} is dead after {Attempts} attempts: {Error}")]
    partial void LogDead(long delivery, string endpoint, int attempts, string? error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The result of a delivery could not be written ({Code}); it is made again")]
    partial void LogNotWritten(string code);
}
