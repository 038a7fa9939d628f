using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>Who asks: a session of a user, and what its token grants right now.</summary>
public sealed record RoomCaller(string Session, string User, string Name, Grants Grants);
