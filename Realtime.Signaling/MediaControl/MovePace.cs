using System.Collections.Concurrent;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Who is still served where they are is led away a few at a time: every move sets up a connection and encodes everything twice for a while, and all of a room at once would take that
/// time from everybody's pictures. A room is through within <see cref="Steps"/> × <see cref="Every"/>, well before its old copy ends. Thread-safe. Bounded: with <see cref="Capacity"/> rooms on the move at once, people of further ones go all together.
/// </summary>
public sealed class MovePace(TimeProvider time)
{
    public const int Steps = 8;

    public const int Capacity = 10_000;

    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(450);

    readonly ConcurrentDictionary<string, Pace> _rooms = new(StringComparer.Ordinal);

    /// <param name="waiting">People of this replica who have not been led there yet.</param>
    /// <returns>How many of them go now.</returns>
    public int Take(Placement placement, int waiting)
    {
        if (waiting == 0)
        {
            _rooms.TryRemove(placement.Room, out _);
            return 0;
        }

        var pace = _rooms.TryGetValue(placement.Room, out var known) && known.Epoch == placement.Epoch
            ? known
            : new Pace(placement.Epoch, (waiting + Steps - 1) / Steps, null);
        if (pace.LastAt is { } last && time.GetElapsedTime(last) < Every)
            return 0;
        if (pace.AtOnce >= waiting)
            _rooms.TryRemove(placement.Room, out _);
        else if (known is null && !HasPlace())
            return waiting;
        else
            _rooms[placement.Room] = pace with { LastAt = time.GetTimestamp() };
        return Math.Min(pace.AtOnce, waiting);
    }

    /// <summary>Rooms whose people left on the way are forgotten when their places are wanted.</summary>
    bool HasPlace()
    {
        if (_rooms.Count < Capacity)
            return true;
        foreach (var (room, pace) in _rooms)
        {
            if (pace.LastAt is not { } last || time.GetElapsedTime(last) > 2 * Steps * Every)
                _rooms.TryRemove(room, out _);
        }
        return _rooms.Count < Capacity;
    }

    sealed record Pace(long Epoch, int AtOnce, long? LastAt);
}
