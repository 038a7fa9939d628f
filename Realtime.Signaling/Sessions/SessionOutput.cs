using Realtime.Signaling.Fanout;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Sessions;

/// <summary>Room events to the sessions attached here, through their lanes.</summary>
public sealed class SessionOutput(HubConnections connections) : ISessionOutput
{
    public bool Send(string session, string eventName, object payload) =>
        connections.Holder(session) is { } holder && holder.Lanes.Send(HubFrames.Encode(eventName, payload));

    public void SendAll(IReadOnlyCollection<string> sessions, string eventName, object payload)
    {
        if (sessions.Count == 0)
            return;
        var frame = HubFrames.Encode(eventName, payload);
        foreach (var session in sessions)
            connections.Holder(session)?.Lanes.Send(frame);
    }
}

/// <summary>Remembers a session's rooms in its row.</summary>
public sealed class SessionRooms(HubConnections connections, Data.SessionStore store) : ISessionRooms
{
    public async Task SetAsync(string session, IReadOnlyList<SessionRoom> rooms, CancellationToken cancellation)
    {
        if (connections.Holder(session)?.Session is not { } held)
            return;
        held.Rooms = rooms;
        // Written with everything else, when the row is not there yet.
        if (held.NeedsSave)
            return;
        try
        {
            await store.SetRoomsAsync(session, held.Generation, rooms, cancellation);
        }
        catch
        {
            held.NeedsSave = true;
            throw;
        }
    }
}
