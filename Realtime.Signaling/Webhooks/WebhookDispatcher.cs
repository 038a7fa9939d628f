using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;

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

    /// <summary>Turns that failed because of a channel, then it is passed over: what cannot be read must not keep everybody else's events for ever.</summary>
    const int MaxStumbles = 5;

    static readonly TimeSpan PauseAfterStumble = TimeSpan.FromSeconds(1);

    readonly OutboxNudge _wake = new();

    /// <summary>Channels that cannot be read, and how often that was tried; bounded by a page of the outbox, empty again after it.</summary>
    readonly Dictionary<string, int> _stumbles = new(StringComparer.Ordinal);
    long _idleSince;

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(2);

    public bool Takes(string kind) => kind is OutboxKind.Messages or AccessNews.Kind;

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
        var read = new Dictionary<string, Queue<StoredEvent>>(StringComparer.Ordinal);
        foreach (var (entry, at) in work.Entries.Where(one => work.Endpoints.Any(endpoint => endpoint.WantsFrom(one.Entry.Key))))
        {
            if (entry.Kind != OutboxKind.Messages)
            {
                Add(WebhookEvent.Of(entry, at));
                continue;
            }
            if (!read.TryGetValue(entry.Key, out var waiting))
            {
                if (await TryReadAsync(work, entry.Key, stopping) is not { } found)
                {
                    await Task.Delay(PauseAfterStumble, Time, stopping);
                    return true;
                }
                (read[entry.Key], positions[entry.Key]) = found;
                waiting = found.Events;
            }
            while (waiting.TryPeek(out var next) && next.Seq <= entry.Number)
            {
                waiting.Dequeue();
                Add(WebhookEvent.Of(next.Epoch, next.Seq, next.Record));
            }
        }
        var last = work.Entries[^1].Entry;
        if (await store.DispatchAsync(work.Cursor, new OutboxCursor(last.TransactionId, last.Id), deliveries, positions, Time.GetUtcNow(), stopping) && deliveries.Count > 0)
        {
            ActionLog.Record(Name, "dispatched", deliveries.Count);
            worker.Wake();
        }
        _stumbles.Clear();
        return true;

        void Add(WebhookEvent? happened)
        {
            if (happened is not null)
                deliveries.AddRange(work.Endpoints.Where(one => one.CreatedAt <= happened.At && one.Wants(happened.Kind, happened.Channel)).Select(one => new NewDelivery(one.Id, happened)));
        }
    }

    /// <summary>Null: the turn has to be tried again. A channel that fails again and again has nothing to tell.</summary>
    async Task<(Queue<StoredEvent> Events, (long Epoch, long Seq) Position)?> TryReadAsync(DispatchWork work, string channel, CancellationToken stopping)
    {
        (Queue<StoredEvent> Events, (long Epoch, long Seq) Position)? found = null;
        var away = false;
        await RunItemAsync("channel", async token =>
        {
            try
            {
                await FaultPoint.HitAsync(Name, "channel", room: channel, cancellation: token);
                found = await ReadAsync(work, channel, token);
            }
            catch (RealtimeException)
            {
                away = true;
            }
        }, stopping, room: channel);
        if (found is not null || away)
            return found;
        var stumbles = _stumbles[channel] = _stumbles.GetValueOrDefault(channel) + 1;
        if (stumbles < MaxStumbles)
            return null;
        ActionLog.Record(Name, "passedOver", room: channel);
        WebhookMetrics.Attempted("unreadable");
        var last = work.Entries.Last(one => one.Entry.Kind == OutboxKind.Messages && one.Entry.Key == channel).Entry;
        return (new(), (last.Epoch, last.Number));
    }

    /// <summary>What is new in a channel, and where that leaves it.</summary>
    async Task<(Queue<StoredEvent> Events, (long Epoch, long Seq) Position)> ReadAsync(DispatchWork work, string channel, CancellationToken stopping)
    {
        var (epoch, first, to) = (0L, long.MaxValue, 0L);
        foreach (var (entry, _) in work.Entries.Where(one => one.Entry.Kind == OutboxKind.Messages && one.Entry.Key == channel))
            (epoch, first, to) = (Math.Max(epoch, entry.Epoch), Math.Min(first, entry.Number), Math.Max(to, entry.Number));
        // An entry tells of one batch: before the first one of a channel there is nothing that was not there before the endpoint.
        var after = work.From.TryGetValue(channel, out var known) && known.Epoch == epoch ? known.Seq : Math.Max(0, first - MessageAppender.MaxBatch);
        if (after >= to)
            return (new(), (epoch, Math.Max(after, to)));
        return (new(await events.ReadAfterAsync(channel, after, (int)(to - after), stopping)), (epoch, to));
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
