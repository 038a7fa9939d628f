namespace Realtime.Signaling.Rooms;

/// <summary>A room that a session is in, as its row remembers it: enough to go on with the call on another replica.</summary>
public sealed record SessionRoom(string Room, long Epoch, string Participant);
