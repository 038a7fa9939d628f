namespace Realtime.Signaling.Rooms;

/// <summary>Where a room lives. The epoch rises with every move and fences the node that had it before.</summary>
public sealed record Placement(string Room, string Node, long Epoch);
