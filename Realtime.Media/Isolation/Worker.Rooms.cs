using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Rooms;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>What people and moderators set in a room, what is known of it, and the rooms' own timers.</summary>
public sealed partial class Worker
{
    // Used anew at each look: a room may end while it is looked at.
    readonly List<RoomSlot> looking = [];

    public WorkerReply<object> SetView(Instant now, SetViewCommand command, Outbox outbox)
    {
        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        return Guard(now, slot.Room, slot, "setView", outbox, () =>
        {
            slot.Room.Room.SetView(now, slot.Participant, new ParticipantView(command.LastN, command.Pinned ?? []));
            return Done;
        });
    }

    public WorkerReply<object> SetRoom(Instant now, SetRoomCommand command, Outbox outbox)
    {
        if (Enter(now, command.Room, command.Epoch, outbox, out var slot) is { } stale) return stale;
        if (slot is null) return new RealtimeError(ErrorCode.NotFound, "The room is not on this node.", Field: "room");
        return Guard(now, slot, null, "setRoom", outbox, () =>
        {
            ActionLog.Record("media", "roomSet", room: command.Room);
            slot.Room.Change(now, command.Settings);
            return Done;
        });
    }

    public WorkerReply<object> SetParticipant(Instant now, SetParticipantCommand command, Outbox outbox)
    {
        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        return Guard(now, slot.Room, slot, "setParticipant", outbox, () =>
        {
            slot.Room.Room.SetMetadata(slot.Participant, command.Metadata);
            return Done;
        });
    }

    public WorkerReply<object> ReportTransport(Instant now, ReportTransportCommand command, Outbox outbox)
    {
        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        slot.Pair = command.Pair ?? slot.Pair;
        if (command.Failed) Failed(slot, TransportFault.Reported);
        else Connected(slot);
        return Done;
    }

    /// <summary>Null: the room is not here.</summary>
    public RoomDetail? Describe(Instant now, string room, string node) => rooms.TryGetValue(room, out var slot) ? RoomDetails.Of(slot, node, environment.Index, now) : null;

    /// <summary>A fault in what works for a whole room is that room's.</summary>
    void TickRooms(Instant now)
    {
        var next = Instant.Never;
        looking.Clear();
        looking.AddRange(rooms.Values);
        foreach (var slot in looking)
        {
            if (now >= slot.Room.NextDeadline)
            {
                try
                {
                    slot.Room.Tick(now);
                }
                catch (Exception exception)
                {
                    wall.CloseFor(now, slot, null, "roomTick", exception);
                }

                Settle(now, slot);
            }

            if (!slot.IsClosed) next = Instant.Min(next, slot.Room.NextDeadline);
        }

        roomsDue = next;
    }
}
