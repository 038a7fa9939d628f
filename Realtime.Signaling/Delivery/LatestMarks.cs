using System.Diagnostics.CodeAnalysis;

namespace Realtime.Signaling.Delivery;

/// <summary>
/// Marks that only go forward, the highest per (channel, user), waiting for their turn, oldest first. Thread-safe. Bounded by <paramref name="capacity"/>; when full, what is new is not taken.
/// </summary>
public sealed class LatestMarks(int capacity)
{
    readonly Lock _gate = new();
    readonly OrderedDictionary<(string Channel, string User), long> _marks = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _marks.Count;
        }
    }

    /// <summary>False: full.</summary>
    public bool TryAdd(string channel, string user, long seq)
    {
        lock (_gate)
        {
            if (_marks.TryGetValue((channel, user), out var known))
            {
                _marks[(channel, user)] = Math.Max(known, seq);
                return true;
            }
            return _marks.Count < capacity && _marks.TryAdd((channel, user), seq);
        }
    }

    /// <summary>The mark that waits for this user, if one does.</summary>
    public long? Find(string channel, string user)
    {
        lock (_gate)
            return _marks.TryGetValue((channel, user), out var seq) ? seq : null;
    }

    public bool TryTake([NotNullWhen(true)] out string? channel, [NotNullWhen(true)] out string? user, out long seq)
    {
        lock (_gate)
        {
            (channel, user, seq) = (null, null, 0);
            if (_marks.Count == 0)
                return false;
            var ((firstChannel, firstUser), firstSeq) = _marks.GetAt(0);
            (channel, user, seq) = (firstChannel, firstUser, firstSeq);
            _marks.RemoveAt(0);
            return true;
        }
    }
}
