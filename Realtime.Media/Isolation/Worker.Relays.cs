using System.Net;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Relay;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>Links to other parts of rooms that live here.</summary>
public sealed partial class Worker
{
    /// <summary>Among the peers, and none of them.</summary>
    int links;

    /// <summary>Opens this worker's end of a link. Said again it changes nothing.</summary>
    public WorkerReply<object> Relay(Instant now, RelayCommand command, Outbox outbox)
    {
        if (!TryReadPath(command, out var path)) return new RealtimeError(ErrorCode.Invalid, "A link needs keys, credentials, and an address to be dialled.", Field: "link");
        if (Enter(now, command.Room, command.Epoch, outbox, out var slot) is { } stale) return stale;
        slot ??= Open(command.Room, command.Epoch);
        // One link leads to the rest of the room: of two replicas that open one at the same time, the second finds it there.
        if (slot.Peers.ContainsKey(command.Link) || (path.Link.Dials && slot.Room.Relays.Any(static each => each.Relay!.Dials))) return Done;
        return Guard(now, slot, null, "relay", outbox, () =>
        {
            var participant = slot.Room.JoinRelay(now, command.Link, path);
            var peer = new PeerSlot(slot, participant, MediaQuotas.Unlimited, now);
            slot.Peers.Add(participant.Id, peer);
            peers.Add(peer);
            links++;
            table.SyncUfrags(peer);
            if (path.Address is { } address) table.AddRelay(peer, address);
            ActionLog.Record("media", "relayOpened", room: command.Room, detail: command.Link);
            return Done;
        });
    }

    void CountRelayed(DatagramKind kind)
    {
        if (kind == DatagramKind.Rtp) counters.RelayedIn++;
    }

    /// <summary>Part of what follows everything that touched a room. A fault of a link ends the link.</summary>
    void ServeRelays(Instant now, RoomSlot slot)
    {
        // Backwards: one that ends is taken out.
        for (var i = slot.Room.Relays.Count - 1; i >= 0; i--)
        {
            if (i >= slot.Room.Relays.Count || !slot.Peers.TryGetValue(slot.Room.Relays[i].Id, out var peer)) continue;
            var link = peer.Participant.Relay!;
            try
            {
                slot.Room.ServeRelay(now, peer.Participant);
            }
            catch (Exception exception)
            {
                wall.ClosePeer(now, peer, "relay", exception);
            }

            if (peer.RelayVersion == link.Version || peer.Participant.HasLeft) continue;
            peer.RelayVersion = link.Version;
            table.SyncRelay(peer);
        }
    }

    /// <summary>This part of a room could not be joined to the rest: its people come back by joining again.</summary>
    public WorkerReply<object> EndPart(string room)
    {
        if (!rooms.TryGetValue(room, out var slot) || slot.Room.Relays.Count > 0) return Done;
        slot.HasLostLink = true;
        Publish(slot);
        return Done;
    }

    /// <summary>Who and what of a room is here; null: nothing.</summary>
    public JoinPeerResult? DescribePart(string room) => rooms.TryGetValue(room, out var slot) ? Describe(slot.Room) : null;

    /// <summary>The other end is gone.</summary>
    public WorkerReply<object> EndRelay(Instant now, string room, string link, Outbox outbox)
    {
        if (rooms.TryGetValue(room, out var slot) && slot.Peers.TryGetValue(link, out var peer) && peer.Participant.Relay is not null) LeaveGuarded(now, peer, LeaveReason.Left, outbox);
        return Done;
    }

    static bool TryReadPath(RelayCommand command, out RelayPath path)
    {
        path = null!;
        var keys = new byte[RelayKeys.Length];
        if (!Convert.TryFromBase64String(command.Keys ?? "", keys, out var length) || length != RelayKeys.Length) return false;
        if (!IceCredentials.TryCreate(command.Ufrag ?? "", command.Pwd ?? "", out var credentials) || string.IsNullOrEmpty(command.Link)) return false;
        NetAddress? address = null;
        if (command.Dial is { } text)
        {
            if (!IPEndPoint.TryParse(text, out var endPoint)) return false;
            address = NetAddress.From(endPoint);
        }

        path = new RelayPath(new RelayLink(new Ssrc(command.OwnSsrc), new Ssrc(command.RemoteSsrc), address is not null), new RelayKeys(keys), credentials!, address);
        return true;
    }
}
