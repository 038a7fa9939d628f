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

    public async Task<Placement> PlaceAsync(string room, CancellationToken cancellation)
    {
        if (directory.Live(room) is { } live && directory.Keeps(live))
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

    /// <summary>The row as it is now: after a node said that another epoch holds.</summary>
    public async Task<Placement?> ReadAsync(string room, CancellationToken cancellation) => (await placements.GetAsync(room, cancellation))?.Placement;
}
