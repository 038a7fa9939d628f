using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Webhooks;

/// <summary>
/// Claims what is due, as much as there are places (<see cref="WebhookOptions.Concurrency"/>), and makes one attempt each, side by side: an endpoint that hangs holds its own place and
/// nobody else's. Every replica does. When the host stops, what is under way is broken off and pending again.
/// </summary>
public sealed class DeliveryWorker(
    DeliveryStore store, DeliveryAttempts attempts, IOptionsMonitor<WebhookOptions> options, Migrator migrator, Supervisor supervisor)
    : SupervisedService(supervisor, "webhooks.worker")
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly Supervisor _supervisor = supervisor;
    readonly ConcurrentDictionary<long, SupervisedWork> _running = [];
    readonly OutboxNudge _wake = new();

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(2);

    /// <summary>There may be something due.</summary>
    public void Wake() => _wake.Now();

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        while (true)
        {
            Heartbeat();
            try
            {
                await TurnAsync(stopping);
            }
            catch (RealtimeException)
            {
                // The database is away; what is due stays due.
                ActionLog.RecordVerbose(Name, "away");
            }
            await _wake.WaitAsync(Interval * (0.8 + (0.4 * Random.Shared.NextDouble())), stopping);
        }
    }

    /// <returns>How many attempts were begun.</returns>
    internal async Task<int> TurnAsync(CancellationToken stopping)
    {
        var places = options.CurrentValue.Concurrency - _running.Count;
        if (places <= 0)
            return 0;
        var claimed = await store.ClaimAsync(Time.GetUtcNow(), places, attempts.Shut(), stopping);
        foreach (var delivery in claimed)
            Start(delivery);
        return claimed.Count;
    }

    /// <summary>Ends when no attempt is under way: for tests.</summary>
    internal Task IdleAsync() => Task.WhenAll(_running.Values.Select(static work => work.Completion));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values.Select(static work => work.DisposeAsync().AsTask()));
    }

    void Start(ClaimedDelivery delivery)
    {
        // Known before it can end; the entry goes with the attempt, and the next one of the endpoint may follow at once.
        var begin = new TaskCompletionSource();
        var work = _supervisor.Start(new GuardedContext(Name, "deliver"), async token =>
        {
            await begin.Task;
            try
            {
                await attempts.MakeAsync(delivery, token);
            }
            finally
            {
                _running.TryRemove(delivery.Id, out _);
                Wake();
            }
        });
        _running[delivery.Id] = work;
        begin.SetResult();
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
