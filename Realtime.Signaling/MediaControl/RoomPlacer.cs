using Realtime.Contracts;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Finds or makes a room's place. A live copy that the nodes themselves tell of needs no database, so calls can be joined while Postgres is away;
/// otherwise the placement row decides, moved by compare-and-set when its node is lost, is another process by now, or drains.
/// </summary>
public sealed class RoomPlacer(NodeDirectory directory, IPlacementStore placements)
{
    const int MaxRounds = 4;

    /// <param name="atLeast">An epoch that is known to hold: a copy of an earlier one is no place any more.</param>
    public async Task<Placement> PlaceAsync(string room, CancellationToken cancellation, long atLeast = 0)
    {
        if (directory.Live(room) is { } live && live.Epoch >= atLeast && directory.Keeps(live))
            return live;
        var placed = await placements.GetAsync(room, cancellation);
        for (var round = 0; round < MaxRounds; round++)
        {
            if (placed is not null && directory.Keeps(placed))
                return placed.Placement;
            var node = directory.Choose()
                ?? throw new RealtimeException(new(ErrorCode.Unavailable, "No media node takes new rooms at the moment.", RetryAfterMs: 2000));
            placed = await placements.CompareAndSetAsync(room, placed?.Placement.Epoch, node, cancellation);
        }

        throw new RealtimeException(new(ErrorCode.Unavailable, "The room could not be placed.", RetryAfterMs: 1000));
    }

    /// <summary>Gives a room that lives another place by hand. Its people follow as from a draining node: every replica hears of it through the outbox.</summary>
    /// <param name="node">Null: the one that is used least.</param>
    public async Task<Placement> MoveAsync(string room, string? node, CancellationToken cancellation)
    {
        if (directory.Live(room) is null)
            throw new RealtimeException(new(ErrorCode.NotFound, "Nobody is in this room.", "room"));
        var placed = await placements.GetAsync(room, cancellation) ?? throw new RealtimeException(new(ErrorCode.Conflict, "The room has no place of its own yet.", "room", RetryAfterMs: 1000));
        var target = directory.ChooseOther(room, node)
            ?? throw new RealtimeException(new(ErrorCode.Conflict, node is null ? "No other node takes it." : "That node does not take it: it is lost, drains, is full, or has the room already.", "node"));
        var moved = await placements.CompareAndSetAsync(room, placed.Placement.Epoch, target, cancellation);
        return moved.Placement.Node == target.Node && moved.Placement.Epoch == placed.Placement.Epoch + 1
            ? moved.Placement
            : throw new RealtimeException(new(ErrorCode.Conflict, "It was moved by somebody else just now.", "room", RetryAfterMs: 1000));
    }

    /// <summary>The row as it is now: after a node said that another epoch holds.</summary>
    public async Task<Placement?> ReadAsync(string room, CancellationToken cancellation) => (await placements.GetAsync(room, cancellation))?.Placement;
}
