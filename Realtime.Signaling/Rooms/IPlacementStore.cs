namespace Realtime.Signaling.Rooms;

/// <summary>The one truth about which node has a room: a row changed by compare-and-set.</summary>
public interface IPlacementStore
{
    Task<Placement?> GetAsync(string room, CancellationToken cancellation);

    /// <summary>Puts the room on <paramref name="node"/> with the next epoch if its row still has <paramref name="expectedEpoch"/> (null: if it has none).</summary>
    /// <returns>The row that now holds: this caller's, or the winner's.</returns>
    Task<Placement> CompareAndSetAsync(string room, long? expectedEpoch, string node, CancellationToken cancellation);
}
