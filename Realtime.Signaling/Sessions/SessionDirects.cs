using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// The direct channels a session reads, and how far it was in those it does not read at the moment. Bounded: the reader longest without news makes room for a new one, and
/// so does the place remembered longest.
/// </summary>
public sealed class SessionDirects
{
    /// <summary>Channels read at once; likewise places remembered.</summary>
    public const int Max = DirectStore.MaxActive;

    readonly Lock _gate = new();
    readonly OrderedDictionary<string, FeedSubscription> _readers = new(StringComparer.Ordinal);
    readonly OrderedDictionary<string, long> _places = new(StringComparer.Ordinal);
    bool _ended;

    public FeedSubscription? Find(string channel)
    {
        lock (_gate)
            return _readers.GetValueOrDefault(channel);
    }

    /// <summary>False: it is read already, or the session has ended.</summary>
    /// <param name="oldest">Makes room: to be unsubscribed.</param>
    public bool TryAdd(FeedSubscription reader, out FeedSubscription? oldest)
    {
        lock (_gate)
        {
            oldest = null;
            if (_ended || !_readers.TryAdd(reader.Channel, reader))
                return false;
            _places.Remove(reader.Channel);
            if (_readers.Count > Max)
            {
                oldest = _readers.GetAt(0).Value;
                _readers.RemoveAt(0);
                Keep(oldest.Channel, oldest.Position);
            }
            return true;
        }
    }

    public void Remember(string channel, long position)
    {
        lock (_gate)
            Keep(channel, position);
    }

    /// <summary>How far the session was when it last read the channel.</summary>
    public long? Recall(string channel)
    {
        lock (_gate)
            return _places.TryGetValue(channel, out var position) ? position : null;
    }

    public IReadOnlyList<FeedSubscription> RemoveAll()
    {
        lock (_gate)
        {
            _ended = true;
            FeedSubscription[] all = [.. _readers.Values];
            _readers.Clear();
            _places.Clear();
            return all;
        }
    }

    void Keep(string channel, long position)
    {
        _places[channel] = position;
        if (_places.Count > Max)
            _places.RemoveAt(0);
    }
}
