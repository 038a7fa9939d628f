using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Delivery;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// How far people have read. A call costs no write: marks wait here, the highest per user and channel, and every half second one statement stores them. What moved comes back to every
/// replica through the outbox and is told to the channel's readers, at a pace that large channels can bear. Without Postgres marks wait; without room for more they are refused.
/// </summary>
public sealed class ReadMarks(ReadMarkStore store, ChannelFeeds feeds, RedisNews redis, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromMilliseconds(500), "sessions.readMarks"), IOutboxConsumer
{
    /// <summary>Waiting to be stored; more are refused.</summary>
    public const int MaxWaiting = 10_000;

    /// <summary>Waiting to be told; more are not told (who joins reads his own).</summary>
    public const int MaxUntold = 10_000;

    const int Batch = 500;

    /// <summary>Frames a tick may hand out: a thousand readers who all read along would be a million frames per message.</summary>
    const int FramesPerTick = 20_000;

    const int RetryAfterMs = 1000;

    readonly LatestMarks _waiting = new(MaxWaiting);
    readonly LatestMarks _untold = new(MaxUntold);

    /// <exception cref="RealtimeException"><c>notFound</c>: not in that channel. <c>unavailable</c>: too much waits for the database.</exception>
    public async Task<Done> MarkAsync(HubSession session, MarkReadRequest request, CancellationToken cancellation)
    {
        if (!NameRules.IsName(request.Channel))
            throw Refused(ErrorCode.Invalid, "That is not a channel's name.", "channel");
        if (request.Seq is not > 0)
            throw Refused(ErrorCode.Invalid, "The sequence number of an event.", "seq");
        if (session.Reader(request.Channel!) is not { Feed: var feed })
            throw Refused(ErrorCode.NotFound, "You are not in this channel.", "channel");
        var seq = request.Seq.Value;
        // The reader may have come from a replica that is ahead of this one.
        if (seq > Head(feed))
            await feeds.AdvanceAsync(feed, cancellation);
        if (seq > Head(feed))
            throw Refused(ErrorCode.Invalid, "The channel has no such event yet.", "seq");
        if (!_waiting.TryAdd(feed.Channel, session.User, seq))
            throw new RealtimeException(new(ErrorCode.Unavailable, "Too many read marks wait to be stored.", RetryAfterMs: RetryAfterMs));
        return new Done();
    }

    /// <summary>How far the user has read. Null: never told, or not known while the database is away.</summary>
    public async Task<long?> FindAsync(string channel, string user, CancellationToken cancellation)
    {
        var waiting = _waiting.Find(channel, user);
        try
        {
            var stored = await store.FindAsync(channel, user, cancellation);
            return waiting is null ? stored : Math.Max(waiting.Value, stored ?? 0);
        }
        catch (RealtimeException)
        {
            return waiting;
        }
    }

    public bool Takes(string kind) => kind == OutboxKind.ReadMarks;

    /// <summary>Who joins is told his own mark then.</summary>
    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry)
    {
        if (feeds.Find(entry.Key) is not { Readers: > 0 })
            return;
        foreach (var mark in ReadMarkStore.Read(entry))
        {
            if (!_untold.TryAdd(mark.Channel, mark.User, mark.Seq))
                ActionLog.RecordVerbose(Name, "untold", mark.User, mark.Channel);
        }
    }

    /// <summary>What waits is stored before this replica goes.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await StoreAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            ActionLog.Record(Name, "notStored", _waiting.Count);
        }
    }

    protected override async Task TickAsync(CancellationToken stopping)
    {
        Tell();
        await StoreAsync(stopping);
    }

    void Tell()
    {
        var frames = 0;
        while (frames < FramesPerTick && _untold.TryTake(out var channel, out var user, out var seq))
        {
            if (feeds.Find(channel) is not { } feed)
                continue;
            frames += feed.Readers;
            feed.TellLatest($"read:{channel}:{user}", HubFrames.Encode(HubEvent.ReadMark, new ReadMarkEvent(channel, user, seq)));
        }
    }

    async Task StoreAsync(CancellationToken stopping)
    {
        var batch = new List<ReadMark>(Batch);
        var stored = false;
        while (true)
        {
            batch.Clear();
            while (batch.Count < Batch && _waiting.TryTake(out var channel, out var user, out var seq))
                batch.Add(new ReadMark(channel, user, seq));
            if (batch.Count == 0)
                break;
            try
            {
                await store.SaveAsync(batch, stopping);
                stored = true;
            }
            catch (Exception failure)
            {
                // They go back to wait. When others took their places meanwhile, the oldest are the ones to lose: a later mark of the same user says more.
                foreach (var mark in batch)
                    _waiting.TryAdd(mark.Channel, mark.User, mark.Seq);
                if (failure is not RealtimeException)
                    throw;
                ActionLog.RecordVerbose(Name, "later");
                break;
            }
        }
        if (stored)
            redis.Nudge();
    }

    static long Head(ChannelFeed feed) => feed.Extent?.Head ?? 0;

    static RealtimeException Refused(string code, string message, string field) => new(new(code, message, field));
}
