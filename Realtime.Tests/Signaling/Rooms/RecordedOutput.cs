using Realtime.Signaling.Rooms;

namespace Realtime.Tests.Signaling.Rooms;

/// <summary>Keeps what each session would have been sent.</summary>
sealed class RecordedOutput : ISessionOutput
{
    public List<(string Session, string Event, object Payload)> Sent { get; } = [];

    public bool Send(string session, string eventName, object payload)
    {
        Sent.Add((session, eventName, payload));
        return true;
    }

    public void SendAll(IReadOnlyCollection<string> sessions, string eventName, object payload)
    {
        foreach (var session in sessions)
            Send(session, eventName, payload);
    }

    public IEnumerable<string> EventsOf(string session) => Sent.Where(one => one.Session == session).Select(one => one.Event);
}
