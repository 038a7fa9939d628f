using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Fanout;

/// <summary>The connection as a reader of channels: pushed to while it keeps up, pulling while it does not.</summary>
public sealed partial class ConnectionLanes
{
    /// <summary>Events pulled at a time.</summary>
    const int PullSize = 100;

    static readonly TimeSpan PullRetry = TimeSpan.FromSeconds(1);

    readonly List<FeedSubscription> _behind = [];
    long _laggingSince;

    /// <summary>Events of a channel. Called under the feed's lock, in order; a reader that is not live gets them by pulling.</summary>
    public void Push(FeedSubscription reader, EventBatch batch)
    {
        lock (_gate)
        {
            if (_phase == Phase.Direct && reader.Live && _laggingSince == 0 && !_closing && reader.Position + 1 == batch.First)
            {
                reader.Position = batch.Last;
                Write(batch.Frames);
                return;
            }
            foreach (var next in batch.Events)
                PushOne(reader, next);
        }
    }

    /// <summary>Under the lock.</summary>
    void PushOne(FeedSubscription reader, ChannelEvent next)
    {
        if (_closing || _phase == Phase.Closed || !reader.Live || next.Seq != reader.Position + 1)
            return;
        if (_laggingSince != 0)
            FallBehind(reader);
        else if (_phase == Phase.Direct)
        {
            reader.Position = next.Seq;
            Write(next.Frame);
        }
        else if (Queue.TryAddDurable(reader, next.Seq, next.Frame))
            reader.Position = next.Seq;
        else
            Overflow(reader);
    }

    /// <summary>A reader begins (or goes on) by pulling from its position; it is live when it has reached the head.</summary>
    public void Begin(FeedSubscription reader)
    {
        lock (_gate)
        {
            if (_phase == Phase.Closed || reader.Ended)
                return;
            FallBehind(reader);
            Wake();
        }
    }

    /// <summary>The channel's numbers changed their meaning: the reader goes on from a new position.</summary>
    internal void Restart(FeedSubscription reader, long position)
    {
        lock (_gate)
            reader.Position = position;
    }

    public void End(FeedSubscription reader)
    {
        lock (_gate)
        {
            reader.Live = false;
            reader.Ended = true;
            _behind.Remove(reader);
        }
    }

    async Task PullAsync(FeedSubscription reader, CancellationToken ended)
    {
        FeedPage page;
        try
        {
            page = await reader.Feed.ReadAfterAsync(reader.Position, PullSize, ended);
        }
        catch (RealtimeException)
        {
            // Older than memory, and the database is away: this reader waits, others go on.
            Postpone(reader);
            return;
        }
        lock (_gate)
        {
            if (_closing || _phase == Phase.Closed || !_behind.Contains(reader))
                return;
            if (page.SkipTo > reader.Position)
            {
                Copy(HubFrames.Encode(HubEvent.Gap, new GapEvent(reader.Channel, reader.Position + 1, page.SkipTo)).Span);
                reader.Position = page.SkipTo;
            }
            foreach (var next in page.Events)
            {
                if (next.Seq != reader.Position + 1)
                    continue;
                Copy(next.Frame.Span);
                reader.Position = next.Seq;
            }
            if (page.Events.Count > 0 || page.SkipTo > 0)
                Flush();
        }
        // Nothing there and yet not at the head: the feed is still to be loaded or filled.
        if (!reader.Feed.GoLive(reader) && page.Events.Count == 0 && page.SkipTo == 0)
            Postpone(reader);
    }

    void Postpone(FeedSubscription reader)
    {
        lock (_gate)
            reader.RetryAt = _time.GetTimestamp() + (long)(PullRetry.TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>Called by the feed, under its lock, so that no event falls between the pull and the push. False: there is more to pull.</summary>
    internal bool TryGoLive(FeedSubscription reader, long head)
    {
        lock (_gate)
        {
            if (reader.Position < head)
                return false;
            if (_behind.Remove(reader))
                reader.Live = true;
            if (_behind.Count == 0)
                _laggingSince = 0;
            return true;
        }
    }

    void FallBehind(FeedSubscription reader)
    {
        reader.Live = false;
        reader.RetryAt = 0;
        if (!_behind.Contains(reader))
            _behind.Add(reader);
    }

    void Overflow(FeedSubscription last)
    {
        _laggingSince = _time.GetTimestamp();
        FallBehind(last);
        foreach (var cursor in Queue.DropDurable())
            FallBehind((FeedSubscription)cursor);
        foreach (var reader in _behind)
            Write(HubFrames.Encode(HubEvent.Lag, new LagEvent(reader.Channel, reader.Position)));
    }
}
