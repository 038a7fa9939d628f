using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>What follows everything that touched a room: what it tells goes out, who left is forgotten, and so is a room that nobody is in.</summary>
public sealed partial class Worker
{
    /// <summary>After everything that touched a room: contain what its subscribers' parts threw, tell its events, forget who left.</summary>
    void Settle(Instant now, RoomSlot slot)
    {
        var room = slot.Room;
        if (room.Relays.Count > 0) ServeRelays(now, slot);
        while (room.Faults.TryDequeue(out var fault))
        {
            if (slot.Peers.TryGetValue(fault.Participant.Id, out var culprit)) wall.ClosePeer(now, culprit, "forward", fault.Exception);
        }

        while (room.Touched.TryDequeue(out var participant))
        {
            if (slot.Peers.TryGetValue(participant.Id, out var touched)) peers.Touch(touched);
        }

        roomsDue = Instant.Min(roomsDue, room.NextDeadline);
        // Also when nothing is to be told: a room whose first join failed is empty.
        if (room.Events.Count > 0 || room.IsEmpty) Publish(slot);
    }

    void Publish(RoomSlot slot)
    {
        var room = slot.Room;
        while (room.Events.TryDequeue(out var e))
        {
            switch (e)
            {
                case PublishedEvent:
                    counters.Tracks++;
                    break;
                case UnpublishedEvent:
                    counters.Tracks--;
                    break;
                case PeerStateEvent state when slot.Peers.TryGetValue(state.Participant, out var changed):
                    Connected(changed);
                    break;
                case PeerLeftEvent left when slot.Peers.Remove(left.Participant, out var gone):
                    Forget(gone);
                    if (gone.Participant.Relay is { } link)
                    {
                        slot.HasLostLink |= link.Dials;
                        ActionLog.Record("media", "relayEnded", room: room.Name, detail: left.Reason);
                        continue;
                    }

                    Judge(gone, left.Reason);
                    ActionLog.Record("media", "peerLeft", gone.Participant.Info.User, room.Name, left.Reason);
                    break;
            }

            environment.Publish(e);
        }

        if (slot is { HasLostLink: true, IsClosed: false } && !room.IsEmpty)
        {
            // What is left of the room here sees and hears nobody elsewhere: they come back by joining again.
            slot.IsClosed = true;
            room.Abandon(incident: null, isPart: true);
            Publish(slot);
            return;
        }

        if (!room.IsEmpty || !rooms.TryGetValue(room.Name, out var current) || current != slot) return;
        rooms.Remove(room.Name);
        counters.Rooms = rooms.Count;
        foreach (var link in slot.Peers.Values.ToList())
        {
            link.Participant.Peer.Dispose();
            Forget(link);
        }

        slot.Peers.Clear();
    }

    void Forget(PeerSlot slot)
    {
        table.Remove(slot);
        peers.Remove(slot);
        if (slot.Participant.Relay is not null) links--;
        counters.Peers = peers.Count - links;
    }
}
