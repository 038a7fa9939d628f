using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>What this replica knows of all nodes and their rooms, from their event streams. Bounded by the nodes' own limits. Thread-safe.</summary>
public sealed class NodeDirectory(TimeProvider time)
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
            var news = view.Apply(message, time.GetUtcNow());
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

    /// <summary>The sessions over HTTP that live anywhere: bounded by what the nodes hold.</summary>
    /// <param name="which">Given the room's name and the participant.</param>
    public IReadOnlyList<RoomSession> Sessions(Func<string, ParticipantInfo, bool> which)
    {
        lock (_gate)
        {
            return [.. LiveViews().SelectMany(view => view.Rooms.SelectMany(room => room.Peers
                .Where(peer => peer.Info.Via is not null && which(room.Room, peer.Info))
                .Select(peer => new RoomSession(new Placement(room.Room, view.Node, room.Epoch), peer.Info, peer.Token))))];
        }
    }

    /// <summary>Everybody in every copy of every room that lives anywhere: bounded by what the nodes hold.</summary>
    public IReadOnlyList<OrphanedVoices.Voice> Voices()
    {
        lock (_gate)
        {
            return [.. LiveViews().SelectMany(static view => view.Rooms.SelectMany(room =>
                room.Peers.Select(peer => new OrphanedVoices.Voice(new Placement(room.Room, view.Node, room.Epoch), peer.Info.Participant, peer.Info.Via))))];
        }
    }

    public IReadOnlyList<NodeInfo> Nodes()
    {
        lock (_gate)
        {
            return [.. _nodes.Values.OrderBy(static view => view.Node, StringComparer.Ordinal).Select(static view => new NodeInfo(
                view.Node, view.State, view.Boot, view.LastHeartbeat, view.Load.Rooms, view.Load.Peers, view.Load.Tracks,
                view.Load.PacketsInPerSecond, view.Load.PacketsOutPerSecond, view.Load.CpuPercent))];
        }
    }

    public IReadOnlyList<RoomInfo> Rooms()
    {
        lock (_gate)
        {
            return [.. LiveViews().SelectMany(static view => view.Rooms.Select(room => new RoomInfo(room.Room, view.Node, room.Epoch, room.Peers.Count, room.TrackCount)))
                .OrderBy(static room => room.Room, StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<RoomParticipantInfo> Participants(string room)
    {
        if (Live(room) is not { } placement)
            return [];
        lock (_gate)
        {
            if (_nodes[placement.Node].Room(room) is not { } view)
                return [];
            return [.. view.Peers.OrderBy(static peer => peer.Info.JoinedAt).Select(peer => new RoomParticipantInfo(
                peer.Info.Participant, peer.Info.User, peer.Info.Name, peer.State, peer.Info.JoinedAt,
                [.. view.Tracks.Where(track => track.Participant == peer.Info.Participant)]))];
        }
    }

    IEnumerable<NodeView> LiveViews() => _nodes.Values.Where(static view => view.State != NodeState.Lost);
}
