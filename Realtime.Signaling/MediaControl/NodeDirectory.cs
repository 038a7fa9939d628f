using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>What this replica knows of all nodes and their rooms, from their event streams. Bounded by the nodes' own limits. Thread-safe.</summary>
public sealed partial class NodeDirectory(TimeProvider time)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, NodeView> _nodes = new(StringComparer.Ordinal);

    /// <summary>Makes a configured node known before it was ever heard of.</summary>
    public void Expect(string node)
    {
        lock (_gate)
            _nodes.TryAdd(node, new NodeView(node));
    }

    /// <returns>What is new to the people in the rooms, and whether the node is another process than before.</returns>
    public (IReadOnlyList<MediaRoomEvent> News, bool Rebooted) Apply(string node, MediaEvent message)
    {
        lock (_gate)
        {
            var view = _nodes[node];
            var boot = view.Boot;
            var now = time.GetUtcNow();
            var news = view.Apply(message, now);
            if (message is HeartbeatEvent)
                view.ForgetEmpty(now, left => _nodes.Values.Any(other => other != view && other.Room(left.Room)?.Epoch == left.Epoch));
            return (news, boot.Length > 0 && boot != view.Boot);
        }
    }

    /// <summary>False: it was lost already.</summary>
    public bool Lose(string node)
    {
        lock (_gate)
        {
            var view = _nodes[node];
            if (view.State == NodeState.Lost)
                return false;
            view.Lose();
            return true;
        }
    }

    /// <summary>The live copy of a room: of several (a node that slept and woke), the one with the highest epoch.</summary>
    public Placement? Live(string room)
    {
        lock (_gate)
        {
            return LiveViews()
                .Select(view => (view.Node, Room: view.Room(room)))
                .Where(static found => found.Room is not null)
                .OrderByDescending(static found => found.Room!.Epoch)
                .Select(found => new Placement(room, found.Node, found.Room!.Epoch))
                .FirstOrDefault();
        }
    }

    /// <summary>Copies of the room that have been superseded and still live: their nodes drain, or do not know it yet.</summary>
    public IReadOnlyList<Placement> Before(Placement placement)
    {
        lock (_gate)
        {
            return [.. LiveViews().Where(view => view.Node != placement.Node && view.Room(placement.Room) is { } room && room.Epoch < placement.Epoch)
                .Select(view => new Placement(placement.Room, view.Node, view.Room(placement.Room)!.Epoch))];
        }
    }

    /// <summary>Whether a copy that lives is the room's place: its node does not drain while another could take it, and has not just slept (then the row is asked).</summary>
    public bool Keeps(Placement live)
    {
        lock (_gate)
            return Keeps(live.Node) && _nodes[live.Node].Load.Fence == 0;
    }

    /// <summary>The same, and it still is the process that got the room. One that this replica has not heard of yet is newer, not dead.</summary>
    public bool Keeps(PlacedRoom placed)
    {
        lock (_gate)
            return Keeps(placed.Placement.Node) && (placed.Boot is null || string.CompareOrdinal(placed.Boot, _nodes[placed.Placement.Node].Boot) >= 0);
    }

    /// <summary>What a node has, and the number under which it waits for an answer whether it still may; 0: it does not wait.</summary>
    public (long Fence, IReadOnlyList<RoomEpoch> Rooms) Lease(string node)
    {
        lock (_gate)
            return (_nodes[node].Load.Fence, [.. _nodes[node].Rooms.Select(static room => new RoomEpoch(room.Room, room.Epoch))]);
    }

    /// <summary>Whether its rooms, if it has any, have somewhere to go.</summary>
    public bool CanDrain(string node)
    {
        lock (_gate)
            return _nodes[node].Rooms.Count == 0 || _nodes.Values.Any(other => other.Node != node && other is { State: NodeState.Live, Load.Full: false });
    }

    public bool IsDraining(string node)
    {
        lock (_gate)
            return _nodes[node].State == NodeState.Draining;
    }

    public bool IsFull(string node)
    {
        lock (_gate)
            return _nodes.TryGetValue(node, out var view) && view.Load.Full;
    }

    /// <summary>Whether the node has the room, or a part of it, in this epoch.</summary>
    public bool Has(Placement placement)
    {
        lock (_gate)
            return _nodes.TryGetValue(placement.Node, out var view) && view.State != NodeState.Lost && view.Room(placement.Room)?.Epoch == placement.Epoch;
    }

    /// <summary>A node for another part of the room: one that has a part and is not full, else as for a new room; null: none.</summary>
    public string? ChoosePart(Placement home)
    {
        lock (_gate)
        {
            var others = _nodes.Values.Where(view => view.Node != home.Node && view is { State: NodeState.Live, Load.Full: false }).ToList();
            return others.FirstOrDefault(view => view.Room(home.Room)?.Epoch == home.Epoch)?.Node ?? NodeChoice.Choose(others.Select(Describe));
        }
    }

    /// <summary>Where a room can be moved to: a node that lives and has nothing of it; null: nowhere.</summary>
    public NodeProcess? ChooseOther(string room, string? wanted)
    {
        lock (_gate)
        {
            var others = _nodes.Values.Where(view => (wanted is null || view.Node == wanted) && view.Room(room) is null).Select(Describe);
            return NodeChoice.Choose(others) is { } node ? new NodeProcess(node, _nodes[node].Boot) : null;
        }
    }

    /// <summary>Where a room goes that has no place; null: nowhere for now.</summary>
    public NodeProcess? Choose()
    {
        lock (_gate)
        {
            if (NodeChoice.Choose(_nodes.Values.Select(static view => Describe(view) with { Rooms = view.Load.Rooms + view.Promised, Peers = view.Load.Peers + view.Promised })) is not { } node)
                return null;
            _nodes[node].Promise();
            return new NodeProcess(node, _nodes[node].Boot);
        }
    }

    /// <summary>What a room was set to where it was heard of last, also when that node is lost.</summary>
    public KeptRoom? LastKnown(string room)
    {
        lock (_gate)
            return _nodes.Values.Select(view => view.Kept(room)).OfType<KeptRoom>().MaxBy(static kept => kept.Epoch);
    }

    public TrackInfo? Track(Placement placement, string track)
    {
        lock (_gate)
            return ViewOf(placement)?.Track(track);
    }

    /// <summary>How somebody left who was in the room a while ago.</summary>
    public PeerLeftEvent? Departure(Placement placement, string participant)
    {
        lock (_gate)
            return ViewOf(placement)?.Departure(participant);
    }

    /// <summary>Null: nobody is in it.</summary>
    public RoomState? Describe(string room)
    {
        if (Live(room) is not { } placement)
            return null;
        lock (_gate)
        {
            return ViewOf(placement) is { } view
                ? new RoomState(room, placement.Node, placement.Epoch, view.Peers.Count, view.TrackCount, view.Settings, [.. view.Silenced])
                : null;
        }
    }

    RoomView? ViewOf(Placement placement) =>
        _nodes.TryGetValue(placement.Node, out var view) && view.Room(placement.Room) is { } room && room.Epoch == placement.Epoch ? room : null;

    public bool IsUsable(string node)
    {
        lock (_gate)
            return _nodes.TryGetValue(node, out var view) && view.State != NodeState.Lost;
    }

    public bool Has(Placement placement, string participant) => Peer(placement, participant) is not null;

    public ParticipantInfo? Peer(Placement placement, string participant)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(placement.Node, out var view) && view.Room(placement.Room) is { } room && room.Epoch == placement.Epoch
                ? room.Peers.FirstOrDefault(peer => peer.Info.Participant == participant)?.Info
                : null;
        }
    }

    /// <summary>Everything a participant must hear that was away for a moment (<see cref="RoomView.Retell"/>).</summary>
    public IReadOnlyList<MediaRoomEvent> Retell(Placement placement, string participant)
    {
        lock (_gate)
            return _nodes.TryGetValue(placement.Node, out var view) && view.Room(placement.Room) is { } room && room.Epoch == placement.Epoch ? room.Retell(participant) : [];
    }

    /// <summary>The room as a node answered a join to it, with what its parts on other nodes have.</summary>
    public JoinPeerResult Complete(Placement placement, JoinPeerResult joined)
    {
        lock (_gate)
        {
            var parts = LiveViews().Where(view => view.Node != placement.Node).Select(view => view.Room(placement.Room)).OfType<RoomView>().Where(part => part.Epoch == placement.Epoch).ToList();
            return parts.Count == 0 ? joined : joined with
            {
                Participants = [.. joined.Participants.Concat(parts.SelectMany(static part => part.Peers.Select(static peer => peer.Info))).DistinctBy(static one => one.Participant)],
                Tracks = [.. joined.Tracks.Concat(parts.SelectMany(static part => part.Tracks)).DistinctBy(static track => track.Track)],
            };
        }
    }

    bool Keeps(string node) => _nodes.TryGetValue(node, out var view)
        && (view.State == NodeState.Live || (view.State == NodeState.Draining && !_nodes.Values.Any(static other => other is { State: NodeState.Live, Load.Full: false })));

    static NodeInfo Describe(NodeView view) => new(
        view.Node, view.State, view.Boot, view.LastHeartbeat, view.Load.Rooms, view.Load.Peers, view.Load.Tracks,
        view.Load.PacketsInPerSecond, view.Load.PacketsOutPerSecond, view.Load.CpuPercent, view.Load.Usage, view.Load.Full, view.Load.Latency);

    IEnumerable<NodeView> LiveViews() => _nodes.Values.Where(static view => view.State != NodeState.Lost);
}
