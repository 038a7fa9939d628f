namespace Realtime.Web.Live;

/// <summary>Who spoke in the rooms that somebody looks at: a sample per look, the last minute of them; at most <see cref="MaxRooms"/> rooms, the one longest unseen goes.</summary>
sealed class SpeakerHistory
{
    public const int MaxRooms = 100;
    public const int Samples = 120;

    readonly Lock _gate = new();
    readonly Dictionary<string, (DateTimeOffset At, Queue<IReadOnlySet<string>> Samples)> _rooms = new(StringComparer.Ordinal);

    /// <returns>The samples so far, the oldest first, this one included.</returns>
    public IReadOnlyList<IReadOnlySet<string>> Add(string room, DateTimeOffset now, IEnumerable<string> speaking)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out var known))
            {
                if (_rooms.Count >= MaxRooms)
                    _rooms.Remove(_rooms.MinBy(static pair => pair.Value.At).Key);
                known = (now, new Queue<IReadOnlySet<string>>(Samples));
            }
            known.Samples.Enqueue(speaking.ToHashSet(StringComparer.Ordinal));
            while (known.Samples.Count > Samples)
                known.Samples.Dequeue();
            _rooms[room] = (now, known.Samples);
            return [.. known.Samples];
        }
    }
}
