namespace Realtime.Signaling.Rooms;

/// <summary>The way to the sessions attached to this replica. Never blocks and never awaits a socket.</summary>
public interface ISessionOutput
{
    /// <summary>Queues an event for one session. False: it is not attached here (a resume brings it the room's state anew).</summary>
    bool Send(string session, string eventName, object payload);

    /// <summary>Queues one event, encoded once, for many sessions.</summary>
    void SendAll(IReadOnlyCollection<string> sessions, string eventName, object payload);
}
