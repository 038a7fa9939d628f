namespace Realtime.Signaling.Rooms;

/// <summary>A node as the process that it is now: <paramref name="Boot"/> is another one after a restart, and sorts by time (UUIDv7).</summary>
public sealed record NodeProcess(string Node, string Boot);

/// <summary>A row of the placements.</summary>
/// <param name="Boot">Of the process that got the room; null in rows from before it was written. The room is gone with it, whoever took its name since.</param>
public sealed record PlacedRoom(Placement Placement, string? Boot);
