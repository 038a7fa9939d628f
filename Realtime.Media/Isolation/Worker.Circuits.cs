using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>The circuits of the peers' transports: what counts as a failure, what as a success, and what follows.</summary>
public sealed partial class Worker
{
    /// <summary>By a datagram over the peer's path. A transport that opens its circuit by what it sends is of no use to anybody and is closed.</summary>
    void Judge(Instant now, PeerSlot slot, bool isProven, DropReason drop, Outbox outbox)
    {
        if (isProven)
        {
            if (slot.Health.Proven(now)) Succeeded(slot);
            return;
        }

        if (!TransportFaults.TryOf(drop, out var fault) || !slot.Health.Failed(now, fault)) return;
        slot.Health.IsInDoubt = true;
        if (!Failed(slot, fault) || slot.Participant.HasLeft) return;
        LeaveGuarded(now, slot, LeaveReason.CircuitOpen, outbox);
    }

    /// <summary>By how it ended.</summary>
    void Judge(PeerSlot slot, string reason)
    {
        TransportFault? fault = reason switch
        {
            LeaveReason.Fault => TransportFault.Exception,
            LeaveReason.Quota => TransportFault.Quota,
            LeaveReason.TransportClosed when slot.Participant.StateTold == PeerState.Connecting => TransportFault.Dtls,
            LeaveReason.ConsentExpired when slot.Participant.StateTold == PeerState.Connecting => TransportFault.Unreachable,
            _ => null,
        };
        if (fault is { } found) Failed(slot, found);
    }

    /// <summary>True: its circuit opened with this.</summary>
    bool Failed(PeerSlot slot, TransportFault fault)
    {
        var (room, user) = (slot.Room.Room.Name, slot.Participant.Info.User);
        if (!circuits.Failed(room, user, fault)) return false;
        ActionLog.Record("media", "transportCircuitOpened", user, room, TransportFaults.Names[(int)fault]);
        return true;
    }

    void Connected(PeerSlot slot)
    {
        if (slot.Participant.Peer.State != PeerState.Connected || circuits.Find(slot.Room.Room.Name, slot.Participant.Info.User) is null) return;
        slot.Health.IsInDoubt = true;
        Succeeded(slot);
    }

    void Succeeded(PeerSlot slot) => slot.Health.IsInDoubt = !circuits.Succeeded(slot.Room.Room.Name, slot.Participant.Info.User);
}
