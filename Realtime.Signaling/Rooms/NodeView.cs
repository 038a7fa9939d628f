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

    readonly Dictionary<string, RoomView> _rooms = new(StringComparer.Ordinal);
    readonly Dictionary<string, KeptRoom> _kept = new(StringComparer.Ordinal);

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

    /// <summary>What a room was set to here when it was heard of last.</summary>
    public KeptRoom? Kept(string room) => _rooms.GetValueOrDefault(room)?.Keep() ?? _kept.GetValueOrDefault(room);

    public RoomView? Room(string room) => _rooms.GetValueOrDefault(room);

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
                return TakeFact(fact) ? [fact] : [];
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

    bool TakeFact(MediaRoomEvent fact)
    {
        if (fact is RoomClosedEvent)
            return _rooms.TryGetValue(fact.Room, out var closed) && closed.Epoch == fact.Epoch && _rooms.Remove(fact.Room);
        if (!_rooms.TryGetValue(fact.Room, out var room) || room.Epoch < fact.Epoch)
            _rooms[fact.Room] = room = new RoomView(fact.Room, fact.Epoch);
        return room.Epoch == fact.Epoch && room.Apply(fact);
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
