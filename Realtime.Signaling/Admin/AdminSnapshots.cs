using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Admin;

/// <summary>The whole of what the console shows, taken now; shared by all consoles for <see cref="KeepFor"/>.</summary>
public sealed class AdminSnapshots(
    NodeDirectory nodes, CircuitRegistry circuits, HubConnections connections, ModeMonitor mode, Quarantines quarantines, ReplicaStore replicas, ReplicaIdentity self, TimeProvider time)
{
    /// <summary>Four a second.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromMilliseconds(250);

    /// <summary>Participants shown; the counts of their rooms are exact beyond.</summary>
    const int MaxParticipants = 2000;

    volatile AdminSnapshot? _last;

    public AdminSnapshot Take()
    {
        var now = time.GetUtcNow();
        if (_last is { } last && now - last.At < KeepFor)
            return last;
        var rooms = nodes.Rooms();
        var participants = rooms.SelectMany(room => nodes.Participants(room.Room).Select(one =>
            new AdminParticipant(room.Room, one.Participant, one.User, one.Name, one.State, one.JoinedAt, one.Tracks))).Take(MaxParticipants);
        var state = mode.State;
        return _last = new AdminSnapshot(self.Name, now, state.Mode, state.Reasons, connections.Count, nodes.Nodes(), rooms, [.. participants], [.. circuits.Snapshot(), .. nodes.PeerCircuits()], quarantines.InForce,
            [self.Name, .. replicas.Peers.Select(static peer => peer.Name)]);
    }
}
