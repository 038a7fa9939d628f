using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>What a room takes along when it goes to another node.</summary>
public sealed record KeptRoom(long Epoch, RoomSettings Settings, IReadOnlyList<SilencedUser> Silenced);
