namespace Realtime.Media.Isolation;

/// <summary>
/// Remembers the highest epoch seen of each room, after the room is gone too, so that a command delayed since before a move is refused.
/// Bounded: the room forgotten first is the one fenced longest ago.
/// </summary>
sealed class EpochFence
{
    const int Capacity = 4096;

    readonly Dictionary<string, long> epochs = [];
    readonly Queue<string> order = new();

    public bool IsStale(string room, long epoch) => epochs.TryGetValue(room, out var highest) && epoch < highest;

    public void Raise(string room, long epoch)
    {
        if (epochs.TryGetValue(room, out var highest))
        {
            epochs[room] = Math.Max(highest, epoch);
            return;
        }

        if (epochs.Count == Capacity) epochs.Remove(order.Dequeue());
        epochs.Add(room, epoch);
        order.Enqueue(room);
    }
}
