using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Webhooks;

/// <summary>
/// Reads the outbox behind everybody else's tail and writes what endpoints asked for as deliveries, in the channels' order. Every replica does; one wins each turn. Looks every second,
/// at once when the tail saw messages.
/// </summary>
public sealed class WebhookDispatcher(DispatchStore store, ChannelEventStore events, Migrator migrator, DeliveryWorker worker, Supervisor supervisor)
    : SupervisedService(supervisor, "webhooks.dispatcher"), IOutboxConsumer
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Without endpoints the cursor is moved on this often: far below the outbox's retention.</summary>
    static readonly TimeSpan IdleInterval = TimeSpan.FromMinutes(5);

    readonly OutboxNudge _wake = new();
    long _idleSince;

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(2);

    public bool Takes(string kind) => kind == OutboxKind.Messages;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry)
    {
        if (entry.Settled)
            _wake.Now();
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        while (true)
        {
            Heartbeat();
            var more = false;
            try
            {
                more = await TurnAsync(stopping);
            }
            catch (RealtimeException)
            {
                // The database is away; the cursor stays where it is.
                ActionLog.RecordVerbose(Name, "away");
            }
            if (!more)
                await _wake.WaitAsync(Interval * (0.8 + (0.4 * Random.Shared.NextDouble())), stopping);
        }
    }

    /// <returns>True: there may be more.</returns>
    internal async Task<bool> TurnAsync(CancellationToken stopping)
    {
        var work = await store.LookAsync(stopping);
        if (work.Entries.Count == 0 || (work.Endpoints.Count == 0 && _idleSince != 0 && Time.GetElapsedTime(_idleSince) < IdleInterval))
            return false;
        _idleSince = work.Endpoints.Count == 0 ? Time.GetTimestamp() : 0;
        var positions = new Dictionary<string, (long Epoch, long Seq)>(StringComparer.Ordinal);
        var deliveries = new List<NewDelivery>();
        foreach (var range in Ranges(work))
        {
            positions[range.Channel] = (range.Epoch, range.To);
            await FaultPoint.HitAsync(Name, "channel", room: range.Channel, cancellation: stopping);
            foreach (var (eventEpoch, seq, record) in await events.ReadAfterAsync(range.Channel, range.After, (int)(range.To - range.After), stopping))
            {
                if (seq <= range.To && WebhookEvent.Of(eventEpoch, seq, record) is { } happened)
                    deliveries.AddRange(work.Endpoints.Where(one => one.CreatedAt <= happened.At && one.Wants(happened.Kind, happened.Channel)).Select(one => new NewDelivery(one.Id, happened)));
            }
        }
        var last = work.Entries[^1];
        if (await store.DispatchAsync(work.Cursor, new OutboxCursor(last.TransactionId, last.Id), deliveries, positions, Time.GetUtcNow(), stopping) && deliveries.Count > 0)
        {
            ActionLog.Record(Name, "dispatched", deliveries.Count);
            worker.Wake();
        }
        return true;
    }

    /// <summary>What is new in each channel that anybody wants to hear of, in the order of the outbox.</summary>
    static IEnumerable<(string Channel, long Epoch, long After, long To)> Ranges(DispatchWork work)
    {
        foreach (var channel in work.Entries.Where(static entry => entry.Kind == OutboxKind.Messages).GroupBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            if (!work.Endpoints.Any(one => one.WantsFrom(channel.Key)))
                continue;
            var (epoch, to) = (channel.Max(static entry => entry.Epoch), channel.Max(static entry => entry.Number));
            // An entry tells of one batch: before the first one of a channel there is nothing that was not there before the endpoint.
            var known = work.From.TryGetValue(channel.Key, out var position) && position.Epoch == epoch;
            var after = known ? position.Seq : Math.Max(0, channel.Min(static entry => entry.Number) - MessageAppender.MaxBatch);
            if (after < to)
                yield return (channel.Key, epoch, after, to);
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
