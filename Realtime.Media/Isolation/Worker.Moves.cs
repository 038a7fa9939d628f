using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>Rooms that live elsewhere by now: retired while their people come over, or fenced after a sleep until somebody has looked.</summary>
public sealed partial class Worker
{
    Instant nextRetirement = Instant.Never;
    long fencedBy;

    /// <summary>Not 0: nothing is forwarded until <see cref="Renew"/> names it.</summary>
    public long FencedBy => fencedBy;

    public bool HasRooms => rooms.Count > 0;

    /// <summary>The process slept: what waits to be forwarded is from before, and what comes may be another node's to forward.</summary>
    public void Fence(long number, TimeSpan pause)
    {
        fencedBy = counters.FencedBy = number;
        burst.Clear();
        environment.Guarded.Fail(new GuardedContext("media", "slept"), new NodeSleptException(pause));
    }

    public WorkerReply<object> Renew(Instant now, RenewCommand command, Outbox outbox)
    {
        foreach (var (room, epoch) in command.Superseded) Enter(now, room, epoch, outbox, out _);
        if (command.Fence < fencedBy) return Done;
        fencedBy = counters.FencedBy = 0;
        return Done;
    }

    /// <summary>A room that is not here (any more) has retired.</summary>
    public WorkerReply<object> Retire(Instant now, RetireRoomCommand command)
    {
        if (!rooms.TryGetValue(command.Room, out var slot) || slot.Room.Epoch != command.Epoch) return Done;
        slot.RetiresAt = Instant.Min(slot.RetiresAt, now + TimeSpan.FromMilliseconds(command.WithinMs));
        nextRetirement = Instant.Min(nextRetirement, slot.RetiresAt);
        ActionLog.Record("media", "roomRetires", room: command.Room);
        return Done;
    }

    /// <summary>The client lost the answer to its join, or its peer connection: it comes with a new one, and is who it was.</summary>
    void Reconnect(Instant now, PeerSlot slot)
    {
        ActionLog.Record("media", "renewed", slot.Participant.Info.User, slot.Room.Room.Name, slot.Participant.Id);
        table.Remove(slot);
        slot.Room.Room.Renew(now, slot.Participant);
    }

    /// <summary>Everybody here is told to go: the node's time to drain is up.</summary>
    public WorkerReply<object> CloseAll(Instant now, Outbox outbox)
    {
        foreach (var slot in rooms.Values.ToList()) Close(now, slot, LeaveReason.RoomClosed, outbox);
        return Done;
    }

    /// <summary>Who comes new to a copy that retires belongs to the one that took its place.</summary>
    static RealtimeError? RefuseRetired(RoomSlot? slot) => slot is { RetiresAt.IsNever: false }
        ? new RealtimeError(ErrorCode.Conflict, "The room moves to a higher epoch.", Field: "epoch")
        : null;

    void EndRetired(Instant now, Outbox outbox)
    {
        if (now < nextRetirement) return;
        nextRetirement = Instant.Never;
        foreach (var slot in rooms.Values.ToList())
        {
            if (slot.RetiresAt <= now) Close(now, slot, "moved", outbox);
            else nextRetirement = Instant.Min(nextRetirement, slot.RetiresAt);
        }
    }
}
