namespace Realtime.Client.Channels;

/// <summary>
/// Puts a channel's events into the one order of (epoch, seq), each exactly once. Events from ahead of a hole wait here until the hole is filled, or known to hold nothing more; at most
/// <see cref="MaxWaiting"/> of them (the farthest are dropped: history has their messages too).
/// </summary>
sealed class ChannelLog<T>
{
    public const int MaxWaiting = 1000;

    readonly SortedDictionary<long, (long Epoch, T Event)> _waiting = [];
    long? _epoch;

    /// <summary>The last event handed on.</summary>
    public long Seq { get; private set; }

    /// <summary>Null until the channel was joined.</summary>
    public long? Epoch => _epoch;

    /// <summary>Events wait behind a hole.</summary>
    public bool HasGap => _waiting.Count > 0;

    /// <summary>The farthest event that waits; 0 when none does.</summary>
    public long Farthest => _waiting.Count == 0 ? 0 : _waiting.Keys.Last();

    /// <summary>The server counts in a newer epoch: positions of this one mean nothing any more.</summary>
    public bool IsNewerEpoch(long epoch) => _epoch is { } ours && epoch > ours;

    /// <summary>Starts after <paramref name="seq"/>; what was waiting for that is returned in order.</summary>
    public List<T> StartAt(long epoch, long seq)
    {
        foreach (var other in _waiting.Where(one => one.Value.Epoch != epoch).Select(one => one.Key).ToList())
            _waiting.Remove(other);
        (_epoch, Seq) = (epoch, seq);
        return Drain();
    }

    /// <summary>Takes one event, from wherever it came; returns those that are now due, in order.</summary>
    public List<T> Accept(long epoch, long seq, T value)
    {
        if (_epoch is { } ours && (epoch != ours || seq <= Seq))
            return [];
        _waiting[seq] = (epoch, value);
        var due = _epoch is null ? [] : Drain();
        if (_waiting.Count > MaxWaiting)
            _waiting.Remove(Farthest);
        return due;
    }

    /// <summary>Everything up to <paramref name="seq"/> that is still to come is here: what is missing before it are changes that history holds already.</summary>
    public List<T> CloseGaps(long seq)
    {
        var due = new List<T>();
        while (Seq < seq)
        {
            Seq = _waiting.Count == 0 ? seq : Math.Min(seq, _waiting.Keys.First() - 1);
            due.AddRange(Drain());
        }
        return due;
    }

    List<T> Drain()
    {
        var due = new List<T>();
        while (_waiting.Count > 0)
        {
            var (seq, next) = _waiting.First();
            if (seq > Seq + 1)
                break;
            _waiting.Remove(seq);
            if (seq <= Seq)
                continue;
            Seq = seq;
            due.Add(next.Event);
        }
        return due;
    }
}
