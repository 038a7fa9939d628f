using Realtime.Contracts;
using Realtime.Contracts.MediaControl;

namespace Realtime.Signaling.Rooms;

/// <summary>
/// What one replica knows of one node, built from its event stream alone. <see cref="Apply"/> returns what is new to the people in the rooms:
/// the event itself, or, for a snapshot, the difference to what was known, so that a broken stream tells nobody anything twice and misses nothing.
/// Not thread-safe: <c>NodeDirectory</c> holds its lock around it.
/// </summary>
public sealed class NodeView(string node)
{
    /// <summary>Rooms of an earlier life of the node that are remembered until they live elsewhere; with more the rest begins as it is configured.</summary>
    const int MaxKept = 1024;

    /// <summary>How long a room that everybody has left is remembered with its departures: longer than a session may be away.</summary>
    static readonly TimeSpan EmptyFor = TimeSpan.FromSeconds(60);

    /// <summary>Of those, at most so many: the oldest are forgotten earlier.</summary>
    const int MaxEmpty = 4096;

    readonly Dictionary<string, RoomView> _rooms = new(StringComparer.Ordinal);
    readonly Dictionary<string, KeptRoom> _kept = new(StringComparer.Ordinal);
    readonly Queue<(RoomView Room, DateTimeOffset At)> _emptied = new();

    public string Node { get; } = node;
    public string Boot { get; private set; } = "";
    public string State { get; private set; } = NodeState.Lost;
    public DateTimeOffset LastHeartbeat { get; private set; }
    public NodeLoad Load { get; private set; } = new(0, 0, 0, 0, 0, 0, false);
    public IReadOnlyCollection<RoomView> Rooms => _rooms.Values;

    /// <summary>Rooms that this replica has put there since the node last said how busy it is.</summary>
    public int Promised { get; private set; }

    public void Promise() => Promised++;

    /// <summary>Of the transports of its peers, as told last.</summary>
    public IReadOnlyList<CircuitInfo> Circuits { get; private set; } = [];

    /// <summary>What a room was set to here when it was heard of last; that ends with the last one who leaves.</summary>
    public KeptRoom? Kept(string room) => _rooms.TryGetValue(room, out var known) ? known.IsLeft ? null : known.Keep() : _kept.GetValueOrDefault(room);

    public RoomView? Room(string room) => _rooms.GetValueOrDefault(room);

    /// <summary>A node says nothing when it forgets a room that everybody has left; so it is forgotten here a while after the last departure.</summary>
    /// <param name="isElsewhere">Other parts of the room live on other nodes: then this one may be its home, without people.</param>
    public void ForgetEmpty(DateTimeOffset now, Func<RoomView, bool> isElsewhere)
    {
        while (_emptied.TryPeek(out var oldest) && (now - oldest.At >= EmptyFor || _emptied.Count > MaxEmpty))
        {
            _emptied.Dequeue();
            if (!oldest.Room.IsLeft || _rooms.GetValueOrDefault(oldest.Room.Room) != oldest.Room)
                continue;
            if (isElsewhere(oldest.Room) && _emptied.Count < MaxEmpty)
                _emptied.Enqueue((oldest.Room, now));
            else
                _rooms.Remove(oldest.Room.Room);
        }
    }

    /// <summary>The stream broke and could not be opened again. What is known of the rooms is kept: they are to be moved.</summary>
    public void Lose() => State = NodeState.Lost;

    public IReadOnlyList<MediaRoomEvent> Apply(MediaEvent message, DateTimeOffset now)
    {
        LastHeartbeat = now;
        switch (message)
        {
            case HeartbeatEvent beat:
                TakeLoad(beat.Load);
                return [];
            case SnapshotEvent { Snapshot: var snapshot }:
                TakeLoad(snapshot.Load);
                return TakeSnapshot(snapshot);
            case PeerCircuitsEvent circuits:
                Circuits = [.. circuits.Circuits.Select(one => one with { Name = $"{Node}/{one.Name}" })];
                return [];
            case MediaRoomEvent fact:
                return TakeFact(fact, now) ? [fact] : [];
            default:
                return [];
        }
    }

    void TakeLoad(NodeLoad load)
    {
        Promised = 0;
        Load = load;
        State = load.Draining ? NodeState.Draining : NodeState.Live;
    }

    bool TakeFact(MediaRoomEvent fact, DateTimeOffset now)
    {
        if (fact is RoomClosedEvent)
            return _rooms.TryGetValue(fact.Room, out var closed) && closed.Epoch == fact.Epoch && _rooms.Remove(fact.Room);
        if (!_rooms.TryGetValue(fact.Room, out var room) || room.Epoch < fact.Epoch)
            _rooms[fact.Room] = room = new RoomView(fact.Room, fact.Epoch);
        if (room.Epoch != fact.Epoch)
            return false;
        var isNew = room.Apply(fact);
        if (fact is PeerLeftEvent && room.IsLeft)
            _emptied.Enqueue((room, now));
        return isNew;
    }

    List<MediaRoomEvent> TakeSnapshot(NodeSnapshot snapshot)
    {
        var rebooted = Boot.Length > 0 && Boot != snapshot.Boot;
        Boot = snapshot.Boot;
        if (rebooted)
        {
            Circuits = [];
            _kept.Clear();
            foreach (var room in _rooms.Values.Take(MaxKept))
                _kept[room.Room] = room.Keep();
        }
        var news = new List<MediaRoomEvent>();
        var present = snapshot.Rooms.Select(static room => room.Room).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _rooms.Values.Where(room => !present.Contains(room.Room)).ToArray())
        {
            // After a reboot the room was not closed but lost: it is moved, and nobody is told that all have left.
            if (!rebooted)
                news.Add(new RoomClosedEvent(gone.Room, gone.Epoch, LeaveReason.RoomClosed));
            _rooms.Remove(gone.Room);
        }

        foreach (var room in snapshot.Rooms)
        {
            if (!_rooms.TryGetValue(room.Room, out var known) || known.Epoch != room.Epoch)
                _rooms[room.Room] = known = new RoomView(room.Room, room.Epoch);
            news.AddRange(known.Replace(room));
        }

        return news;
    }
}
