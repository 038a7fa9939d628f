using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Group commit: per channel one batch is in flight, and what comes meanwhile is the next batch. Whoever finds the channel idle writes for all who wait, itself included, and
/// hands the pen to the next in line, so no background loop is needed and an idle channel costs nothing. After the commit the events go to the readers here, and to Redis.
/// </summary>
public sealed class MessageAppender(MessageStore store, ChannelFeeds feeds, RedisNews redis)
{
    public const int MaxBatch = 50;

    /// <summary>Messages waiting in one channel; more are refused with <c>unavailable</c>.</summary>
    public const int MaxWaitingPerChannel = 500;

    /// <summary>… and in all channels of this node.</summary>
    public const int MaxWaiting = 10_000;

    const int FullRetryAfterMs = 500;

    sealed record Waiting(NewMessage Message, TaskCompletionSource<Appended?> Done);

    sealed class Line
    {
        public readonly Queue<Waiting> Waiting = [];
        public bool Busy;
        public bool Removed;
    }

    readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);
    int _waiting;

    /// <exception cref="RealtimeException"><c>unavailable</c> or <c>unknownOutcome</c>: a retry with the same clientMessageId is safe.</exception>
    public async Task<Appended> AppendAsync(string channel, NewMessage message)
    {
        var own = new Waiting(message, new(TaskCreationOptions.RunContinuationsAsynchronously));
        var (line, first) = Enter(channel, own);
        // Null means: your turn to write, for yourself and those behind you.
        if (!first && await own.Done.Task is { } appended)
            return appended;
        var batch = TakeBatch(line, own);
        try
        {
            return (await WriteAsync(channel, batch))[0] is { Refused: false } stored ? stored : throw Refused();
        }
        catch (Exception failure)
        {
            foreach (var other in batch.Skip(1))
                other.Done.TrySetException(failure is RealtimeException ? failure : new RealtimeException(new(ErrorCode.UnknownOutcome, "The batch this message was in failed. Retry with the same id."), failure));
            throw;
        }
        finally
        {
            HandOn(channel, line);
        }
    }

    (Line Line, bool First) Enter(string channel, Waiting own)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw Full();
        }
        while (true)
        {
            var line = _lines.GetOrAdd(channel, static _ => new Line());
            lock (line)
            {
                if (line.Removed)
                    continue;
                if (line.Waiting.Count >= MaxWaitingPerChannel)
                {
                    Interlocked.Decrement(ref _waiting);
                    throw Full();
                }
                if (!line.Busy)
                {
                    line.Busy = true;
                    return (line, true);
                }
                line.Waiting.Enqueue(own);
                return (line, false);
            }
        }
    }

    /// <summary>Own message first, then up to a batch of those that wait.</summary>
    List<Waiting> TakeBatch(Line line, Waiting own)
    {
        List<Waiting> batch = [own];
        lock (line)
        {
            while (batch.Count < MaxBatch && line.Waiting.TryDequeue(out var next))
                batch.Add(next);
        }
        Interlocked.Add(ref _waiting, -batch.Count);
        return batch;
    }

    void HandOn(string channel, Line line)
    {
        Waiting? next;
        lock (line)
        {
            if (!line.Waiting.TryDequeue(out next))
            {
                line.Busy = false;
                line.Removed = true;
                _lines.TryRemove(new(channel, line));
            }
        }
        next?.Done.TrySetResult(null);
    }

    async Task<Appended[]> WriteAsync(string channel, List<Waiting> batch)
    {
        Appended[] appended;
        using (MessageTrace.Append(channel, batch.Select(static waiting => waiting.Message.Id)))
            appended = await store.AppendAsync(channel, [.. batch.Select(static waiting => waiting.Message)]);
        var events = new List<ChannelEvent>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (!appended[i].Refused && !appended[i].Duplicate && appended[i].Id == batch[i].Message.Id && (events.Count == 0 || events[^1].Seq < appended[i].Seq))
                events.Add(HubFrames.MessageCreated(batch[i].Message.ToMessage(channel, appended[i].Epoch, appended[i].Seq)));
        }
        if (events.Count > 0)
        {
            feeds.Find(channel)?.Offer(events);
            redis.Publish(channel, events);
        }
        for (var i = 1; i < batch.Count; i++)
        {
            if (appended[i].Refused)
                batch[i].Done.TrySetException(Refused());
            else
                batch[i].Done.TrySetResult(appended[i]);
        }
        return appended;
    }

    static RealtimeException Refused() => new(new(ErrorCode.Forbidden, "You cannot write in this channel.", "channel"));

    static RealtimeException Full() => new(new(ErrorCode.Unavailable, "Too many messages are waiting in this channel.", RetryAfterMs: FullRetryAfterMs));
}
