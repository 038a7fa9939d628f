using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// How readers are told. Whoever tells holds the pen, so that all readers hear everything in one order; and because going through thousands of readers takes
/// milliseconds, the gate is not held meanwhile: events come in, readers come and go. What comes in while somebody tells, they tell next, all of it together. Lock order:
/// the pen, the gate, a connection's lanes.
/// </summary>
public sealed partial class ChannelFeed
{
    readonly Lock _pen = new();
    readonly OrderedDictionary<string, LatestFrame> _latest = [];
    FeedSubscription[]? _audience;
    long _toldAt;
    bool _due;
    bool _telling;

    /// <summary>Who tells what has just come in.</summary>
    enum Turn
    {
        /// <summary>The beat, or nobody: nothing came.</summary>
        Others,
        /// <summary>Whoever brought it, unless somebody tells already: then they go on with it.</summary>
        Mine,
        /// <summary>Whoever brought it, even if that means to wait: too much is waiting.</summary>
        MineNow,
    }

    /// <summary>Null: everything is told at once, by whoever brings it.</summary>
    internal FeedBeat? Beat { get; init; }

    /// <summary>The beat has come: what waited is told.</summary>
    internal void DeliverDue()
    {
        lock (_gate)
            _due = false;
        Tell(Turn.Mine);
    }

    /// <summary>Tells the readers here something of which only the newest per key matters.</summary>
    public void TellLatest(string key, ReadOnlyMemory<byte> frame) => TellLatest(new LatestFrame(key, frame));

    /// <summary>Tells the readers here, but for some, something of which only the newest per key matters.</summary>
    public void TellOthers(string key, ReadOnlyMemory<byte> frame, Func<ConnectionLanes, bool> except) => TellLatest(new LatestFrame(key, frame) { Except = except });

    void TellLatest(LatestFrame latest)
    {
        Turn turn;
        lock (_gate)
        {
            Add(latest);
            turn = NextTurn();
        }
        Tell(turn);
    }

    /// <summary>Under the gate.</summary>
    void Add(LatestFrame latest)
    {
        // A channel that nobody reads keeps nothing.
        if (_readers.Count == 0)
            return;
        _latest.Remove(latest.Key);
        _latest.Add(latest.Key, latest);
    }

    /// <summary>
    /// In a channel that many read, telling is left to the beat: whoever brings an event (a writer who waits for the answer, the reader of Redis) does not have to go through
    /// them all. Under the gate.
    /// </summary>
    Turn NextTurn()
    {
        if (_ready.Count + _latest.Count == 0)
            return Turn.Others;
        if (_ready.Count + _latest.Count >= FeedBeat.MaxGathered)
            return Turn.MineNow;
        if (Beat is not { } beat || _readers.Count < FeedBeat.ManyReaders)
            return _telling ? Turn.Others : Turn.Mine;
        if (!_due)
            beat.Tell(this, _toldAt);
        _due = true;
        return Turn.Others;
    }

    /// <summary>Not to be called under the gate.</summary>
    void Tell(Turn turn)
    {
        if (turn == Turn.MineNow)
        {
            lock (_pen)
                TellReady();
            return;
        }
        lock (_gate)
        {
            if (turn == Turn.Others || _telling)
                return;
            _telling = true;
        }
        var more = true;
        try
        {
            while (more)
            {
                lock (_pen)
                    TellReady();
                // What came meanwhile goes next; where many read, with the beat that was asked for.
                lock (_gate)
                    more = _telling = !_due && _ready.Count + _latest.Count > 0;
            }
        }
        finally
        {
            // Only after an exception: otherwise whoever came since may be telling.
            if (more)
            {
                lock (_gate)
                    _telling = false;
            }
        }
    }

    /// <summary>With the pen.</summary>
    void TellReady()
    {
        EventBatch? batch;
        LatestFrames? latest;
        FeedSubscription[] readers;
        lock (_gate)
        {
            batch = _ready.Count == 0 ? null : new EventBatch([.. _ready]);
            latest = _latest.Count == 0 ? null : new LatestFrames([.. _latest.Values]);
            _ready.Clear();
            _latest.Clear();
            _toldAt = Beat?.Clock.GetTimestamp() ?? 0;
            // Whoever comes later starts at a position that covers what is being told.
            readers = _audience ??= [.. _readers];
        }
        if (batch is not null)
        {
            if (batch.Events.Any(static told => told.Kind == ChannelEventKind.Deleted))
                history.Forget(channel);
            using var delivery = MessageTrace.Deliver(channel, batch.Events, readers.Length);
            foreach (var reader in readers)
                reader.Lanes.Push(reader, batch);
        }
        if (latest is not null)
        {
            foreach (var reader in readers)
                latest.SendTo(reader);
        }
    }
}
