using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>Events after a reader's position, as far as one page goes.</summary>
/// <param name="SkipTo">Not 0: everything up to here is gone for good; <see cref="Events"/> go on after it.</param>
public readonly record struct FeedPage(IReadOnlyList<ChannelEvent> Events, long SkipTo);

/// <summary>
/// One channel on this node: its recent past, its readers here, its members. Every event comes in through <see cref="Offer"/>, whoever brings it (this node's own commit,
/// Redis, a read that fills a gap), and goes out once and in order. Thread-safe; what is known is guarded by the gate, what is told by the pen (<c>ChannelFeed.Telling</c>).
/// </summary>
public sealed partial class ChannelFeed(string channel, IFeedRepair repair, HistoryReader history)
{
    readonly Lock _gate = new();
    readonly ChannelTimeline _timeline = new(HubFrames.Scrub);
    readonly HashSet<FeedSubscription> _readers = [];
    readonly List<ChannelEvent> _ready = [];
    bool _loaded;
    long _first = 1;
    long _announced;
    Task? _reading;

    public string Channel => channel;

    /// <summary>When somebody last read here; set by the owner's clock.</summary>
    internal long LastUsed { get; set; }

    internal bool HasReaders
    {
        get
        {
            lock (_gate)
                return _readers.Count > 0;
        }
    }

    public bool IsLoaded
    {
        get
        {
            lock (_gate)
                return _loaded;
        }
    }

    /// <summary>Null until it was loaded once.</summary>
    public ChannelExtent? Extent
    {
        get
        {
            lock (_gate)
                return _loaded ? new ChannelExtent(_timeline.Epoch, _timeline.Head, _first) : null;
        }
    }

    /// <summary>Takes what the database says, the first time.</summary>
    public void Load(ChannelHead head, IReadOnlyList<ChannelEvent> recent)
    {
        bool behind;
        lock (_gate)
        {
            if (_loaded)
                return;
            _timeline.Load(head.Epoch, head.Head, recent);
            _first = head.First;
            _loaded = true;
            behind = _announced > head.Head && _timeline.Announce(head.Epoch, _announced) == OfferOutcome.Gap;
        }
        if (behind)
            repair.Fill(this);
    }

    /// <summary>
    /// Takes what the database says in place of what is believed here: its numbers mean something else (a higher epoch), or what lay between is gone. Readers are told
    /// so and go on from the new head.
    /// </summary>
    public void Reload(ChannelHead head, IReadOnlyList<ChannelEvent> recent)
    {
        // Both: no reader may pull, and none be told older events, while positions change their meaning.
        lock (_pen)
        lock (_gate)
        {
            TellReady();
            var from = head.Epoch > _timeline.Epoch ? 1 : _timeline.Head + 1;
            _timeline.Load(head.Epoch, head.Head, recent);
            _first = head.First;
            _loaded = true;
            if (from > head.Head)
                return;
            var told = HubFrames.Encode(HubEvent.Gap, new GapEvent(channel, from, head.Head));
            foreach (var reader in _readers)
            {
                reader.Lanes.Send(told);
                reader.Lanes.Restart(reader, head.Head);
            }
        }
    }

    /// <summary>One or more events, in any order relative to others.</summary>
    public void Offer(IEnumerable<ChannelEvent> events)
    {
        var gap = false;
        Turn turn;
        lock (_gate)
        {
            foreach (var next in events)
            {
                if (!_loaded)
                {
                    _announced = Math.Max(_announced, next.Seq);
                    continue;
                }
                var outcome = _timeline.Offer(next, _ready);
                gap |= outcome is OfferOutcome.Gap or OfferOutcome.NewEpoch;
            }
            turn = NextTurn();
        }
        Tell(turn);
        if (gap)
            repair.Fill(this);
    }

    /// <summary>The database has events up to this one no longer, or no longer as they were.</summary>
    /// <param name="gone">They are not there at all.</param>
    public void ForgetPast(long upTo, bool gone)
    {
        lock (_gate)
        {
            if (!_loaded)
                return;
            _timeline.Forget(upTo);
            if (gone)
                _first = Math.Max(_first, Math.Min(upTo, _timeline.Head) + 1);
            history.Forget(channel);
        }
    }

    /// <summary>The outbox says that events up to this one exist.</summary>
    public void Announce(long epoch, long seq)
    {
        lock (_gate)
        {
            if (!_loaded)
            {
                _announced = Math.Max(_announced, seq);
                return;
            }
            // Nobody reads here: whoever comes next has it filled then.
            if (_timeline.Announce(epoch, seq) == OfferOutcome.Duplicate || _readers.Count == 0)
                return;
        }
        repair.Fill(this);
    }

    /// <summary>From where on events are missing that exist; null when nothing is.</summary>
    public long? MissingAfter
    {
        get
        {
            lock (_gate)
                return _loaded && _timeline.HasGap ? _timeline.Head : null;
        }
    }

    /// <summary>A reader that starts after <paramref name="position"/>; <see cref="ConnectionLanes.Begin"/> sets it off.</summary>
    public FeedSubscription Subscribe(ConnectionLanes lanes, long position)
    {
        var reader = new FeedSubscription(lanes, this, position);
        lock (_gate)
        {
            _readers.Add(reader);
            _audience = null;
        }
        return reader;
    }

    public void Unsubscribe(FeedSubscription reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
            _audience = null;
        }
        reader.Lanes.End(reader);
    }

    /// <summary>From memory, else from the database (one read however many ask).</summary>
    public async Task<FeedPage> ReadAfterAsync(long after, int max, CancellationToken cancellation)
    {
        var events = new List<ChannelEvent>();
        bool loaded;
        lock (_gate)
        {
            loaded = _loaded;
            if (loaded && _timeline.TryRead(after, max, events))
                return new FeedPage(events, 0);
        }
        if (!loaded)
            repair.Fill(this);
        return await history.PageAsync(channel, after, cancellation);
    }

    /// <summary>The events in memory, oldest first: the last <see cref="ChannelTimeline.RingSize"/> at most, without holes up to the head.</summary>
    public IReadOnlyList<ChannelEvent> Recent()
    {
        var events = new List<ChannelEvent>();
        lock (_gate)
            _timeline.ReadLast(ChannelTimeline.RingSize, events);
        return events;
    }

    /// <summary>Whether memory alone can tell what comes after a position.</summary>
    public bool Remembers(long after)
    {
        lock (_gate)
            return _loaded && _timeline.Head - _timeline.Held <= after;
    }

    /// <summary>Joins the read that is under way for this feed, or starts one: however many come back at once, the database is asked once.</summary>
    internal Task ReadOnceAsync(Func<Task> read)
    {
        lock (_gate)
            return _reading is { IsCompleted: false } running ? running : _reading = read();
    }

    /// <summary>Connections that read here.</summary>
    public int Readers
    {
        get
        {
            lock (_gate)
                return _readers.Count;
        }
    }

    internal bool GoLive(FeedSubscription reader)
    {
        lock (_gate)
            return _loaded && reader.Lanes.TryGoLive(reader, _timeline.Head);
    }
}

/// <summary>Who brings back what a feed knows to be missing.</summary>
public interface IFeedRepair
{
    void Fill(ChannelFeed feed);
}
