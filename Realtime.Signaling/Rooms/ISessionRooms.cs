namespace Realtime.Signaling.Rooms;

/// <summary>Remembers in a session's row which rooms it is in, so that it can resume or be ended on any replica.</summary>
public interface ISessionRooms
{
    Task SetAsync(string session, IReadOnlyList<SessionRoom> rooms, CancellationToken cancellation);
}
