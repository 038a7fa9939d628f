using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Reads the outbox for ever, one query per node and turn: every second, every 200 ms while Redis is away, at once when nudged. This is what makes Redis
/// dispensable: a lost publish, a missed revocation, a bridge over an outage are all this one path.
/// </summary>
public sealed class OutboxTail(OutboxReader outbox, Migrator migrator, IEnumerable<IOutboxConsumer> consumers, OutboxNudge nudge, RedisNews redis, Supervisor supervisor)
    : SupervisedService(supervisor, "fanout.tail")
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan IntervalWithoutRedis = TimeSpan.FromMilliseconds(200);

    /// <summary>Nudges do not make it look more often than this.</summary>
    static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(10);

    readonly IOutboxConsumer[] _consumers = [.. consumers];
    OutboxCursor? _cursor;

    /// <summary>Entries acted on since the start, for metrics.</summary>
    public long Taken { get; private set; }

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(2);

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        while (true)
        {
            Heartbeat();
            var more = false;
            try
            {
                if (_cursor is null)
                {
                    var start = await outbox.StartAsync(stopping);
                    foreach (var consumer in _consumers)
                        await consumer.BeginAsync(stopping);
                    _cursor = start;
                }
                more = await TurnAsync(_cursor.Value, stopping);
                if (!more)
                    Array.ForEach(_consumers, static consumer => consumer.Current());
            }
            catch (RealtimeException)
            {
                // The database is away; the cursor stays, and everything since comes when it is back.
                ActionLog.RecordVerbose(Name, "away");
            }
            if (more)
                continue;
            await Task.Delay(AtMostEvery, Time, stopping);
            var interval = redis.IsAway ? IntervalWithoutRedis : Interval * (0.8 + (0.4 * Random.Shared.NextDouble()));
            await nudge.WaitAsync(interval, stopping);
        }
    }

    /// <returns>True: a full page of settled entries, so there is more.</returns>
    async Task<bool> TurnAsync(OutboxCursor cursor, CancellationToken stopping)
    {
        var entries = await outbox.ReadAsync(cursor, stopping);
        var settled = true;
        foreach (var entry in entries)
        {
            foreach (var consumer in _consumers)
            {
                if (consumer.Takes(entry.Kind))
                    await RunItemAsync(entry.Kind, _ => Take(consumer, entry), stopping);
            }
            settled &= entry.Settled;
            if (settled)
                _cursor = new OutboxCursor(entry.TransactionId, entry.Id);
        }
        Taken += entries.Count;
        return entries.Count == OutboxReader.PageSize && settled;
    }

    static Task Take(IOutboxConsumer consumer, OutboxEntry entry)
    {
        consumer.Take(entry);
        return Task.CompletedTask;
    }
}
