namespace Realtime.Contracts.MediaControl;

/// <summary>
/// The room lives elsewhere by now, under a higher epoch. This copy forwards on for those who have not come over yet, takes nobody new, and ends when it is empty, or after
/// <paramref name="WithinMs"/> at the latest (said again: whichever is earlier).
/// </summary>
/// <param name="Epoch">Of the copy that retires.</param>
public sealed record RetireRoomCommand(string CommandId, string Room, long Epoch, int WithinMs);

/// <summary>
/// Signaling has looked at the placements of the node's rooms. Those named here live elsewhere: their copies are closed at once. All others may go on, which is what a node
/// that slept waits for before it forwards anything more.
/// </summary>
/// <param name="Fence">The <see cref="NodeLoad.Fence"/> that was seen before the placements were read; a later one stays. 0: the node did not sleep.</param>
/// <param name="Superseded">Rooms and the epochs that hold for them now.</param>
public sealed record RenewCommand(string CommandId, long Fence, IReadOnlyList<RoomEpoch> Superseded);

public sealed record RoomEpoch(string Room, long Epoch);
