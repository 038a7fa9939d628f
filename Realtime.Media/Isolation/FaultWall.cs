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

    /// <summary>
    /// A fault in code that works for the whole room. It is taken to be the doing of whom it worked for, who is closed, however often they come back; when it happens to
    /// somebody else as well it is the room's, which is closed.
    /// </summary>
    /// <param name="participant">Null: it worked for nobody in particular.</param>
    public string CloseFor(Instant now, RoomSlot room, Participant? participant, string action, Exception exception)
    {
        var incident = Report(room.Room, participant, action, exception);
        if (participant is null || (room.FaultyUser ??= participant.Info.User) != participant.Info.User)
        {
            CloseRoom(room, incident);
            return incident;
        }

        try
        {
            room.Room.Leave(now, participant, LeaveReason.Fault, outbox: null, incident);
        }
        catch (Exception second)
        {
            CloseRoom(room, Report(room.Room, null, "contain", second));
        }

        return incident;
    }

    /// <summary>A fault while somebody came in, before they were in: nobody else is concerned.</summary>
    public string Refuse(RoomSlot room, ParticipantInfo newcomer, string action, Exception exception) => Report(room.Room, newcomer.User, newcomer.Participant, action, exception);

    static void CloseRoom(RoomSlot room, string incident)
    {
        ActionLog.Record(Component, "roomClosedByFault", room: room.Room.Name, detail: incident);
        room.IsClosed = true;
        room.Room.Abandon(incident);
    }

    string Report(Room room, Participant? participant, string action, Exception exception) => Report(room, participant?.Info.User, participant?.Id, action, exception);

    string Report(Room room, string? user, string? participant, string action, Exception exception)
    {
        counters.FaultsContained++;
        var context = new GuardedContext(Component, action, user, room.Name);
        ActionLog.Record(Component, "faultContained", user, room.Name, participant);
        return guarded.Fail(context, exception);
    }
}
