using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Rooms;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>
/// Where a bug's exception stops. In one peer's receive, tick or forwarding: that peer is closed, everybody else goes on, however often
/// it happens. When closing it throws as well, or the room's common code throws a second time, the room's state cannot be trusted
/// and the room is closed. What gets through even that reaches the worker's loop.
/// </summary>
sealed class FaultWall(Guarded guarded, WorkerCounters counters)
{
    const string Component = "media";
    const int RoomFaultsTolerated = 1;

    /// <summary>Closes the peer alone.</summary>
    public void ClosePeer(Instant now, PeerSlot slot, string action, Exception exception)
    {
        var participant = slot.Participant;
        var incident = Report(slot.Room.Room, participant, action, exception);
        if (participant.HasLeft) return;
        try
        {
            // Its own goodbye is not trusted: the code that would write it may be what failed.
            slot.Room.Room.Leave(now, participant, LeaveReason.Fault, outbox: null, incident);
        }
        catch (Exception second)
        {
            CloseRoom(slot.Room, Report(slot.Room.Room, null, "contain", second));
        }
    }

    /// <summary>A fault in code that works for the whole room: the first closes the participant it worked for, the second the room.</summary>
    public string CloseFor(Instant now, RoomSlot room, PeerSlot? slot, string action, Exception exception)
    {
        var incident = Report(room.Room, slot?.Participant, action, exception);
        if (++room.Faults > RoomFaultsTolerated || slot is null)
        {
            CloseRoom(room, incident);
            return incident;
        }

        try
        {
            room.Room.Leave(now, slot.Participant, LeaveReason.Fault, outbox: null, incident);
        }
        catch (Exception second)
        {
            CloseRoom(room, Report(room.Room, null, "contain", second));
        }

        return incident;
    }

    static void CloseRoom(RoomSlot room, string incident)
    {
        ActionLog.Record(Component, "roomClosedByFault", room: room.Room.Name, detail: incident);
        room.IsClosed = true;
        room.Room.Abandon(incident);
    }

    string Report(Room room, Participant? participant, string action, Exception exception)
    {
        counters.FaultsContained++;
        var context = new GuardedContext(Component, action, participant?.Info.User, room.Name);
        ActionLog.Record(Component, "faultContained", context.User, context.Room, participant?.Id);
        return guarded.Fail(context, exception);
    }
}
