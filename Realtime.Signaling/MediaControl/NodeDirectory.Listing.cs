using Realtime.Contracts;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>What is listed of all nodes together: for the console, the API and those who clean up.</summary>
public sealed partial class NodeDirectory
{
    /// <summary>The circuits of the peers' transports on all nodes that are heard.</summary>
    public IReadOnlyList<CircuitInfo> PeerCircuits()
    {
        lock (_gate)
            return [.. LiveViews().SelectMany(static view => view.Circuits)];
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
            return [.. _nodes.Values.OrderBy(static view => view.Node, StringComparer.Ordinal).Select(Describe)];
        }
    }

    public IReadOnlyList<RoomInfo> Rooms()
    {
        lock (_gate)
        {
            // The live copy of each: one that has been superseded is nobody's room any more, and one that everybody has left is no room.
            return [.. LiveViews().SelectMany(static view => view.Rooms.Where(static room => !room.IsLeft).Select(room => new RoomInfo(room.Room, view.Node, room.Epoch, room.Peers.Count, room.TrackCount)))
                .GroupBy(static room => room.Room).Select(static copies => Whole(copies)).OrderBy(static room => room.Room, StringComparer.Ordinal)];
        }
    }

    /// <summary>Of the live copy, on all nodes that have a part of it.</summary>
    public IReadOnlyList<RoomParticipantInfo> Participants(string room)
    {
        if (Live(room) is not { } placement)
            return [];
        lock (_gate)
        {
            return [.. LiveViews().Select(view => view.Room(room)).OfType<RoomView>().Where(part => part.Epoch == placement.Epoch)
                .SelectMany(static part => part.Peers.Select(peer => new RoomParticipantInfo(
                    peer.Info.Participant, peer.Info.User, peer.Info.Name, peer.State, peer.Info.JoinedAt, [.. part.Tracks.Where(track => track.Participant == peer.Info.Participant)], peer.Quality)))
                .OrderBy(static peer => peer.JoinedAt)];
        }
    }

    /// <summary>Of a room's copies the one that holds, with its parts on other nodes.</summary>
    static RoomInfo Whole(IEnumerable<RoomInfo> copies)
    {
        var epoch = copies.Max(static copy => copy.Epoch);
        return copies.Where(copy => copy.Epoch == epoch).OrderByDescending(static copy => copy.Participants)
            .Aggregate(static (a, b) => a with { Participants = a.Participants + b.Participants, Tracks = a.Tracks + b.Tracks });
    }
}
