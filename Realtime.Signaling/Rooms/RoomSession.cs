using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>A session over HTTP (WHIP, WHEP) as its node last told it.</summary>
/// <param name="Token">The <c>jti</c> it was opened with.</param>
public sealed record RoomSession(Placement Placement, ParticipantInfo Info, string? Token);
