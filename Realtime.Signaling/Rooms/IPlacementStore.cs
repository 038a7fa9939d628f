namespace Realtime.Signaling.Rooms;

/// <summary>The one truth about which node has a room: a row changed by compare-and-set.</summary>
public interface IPlacementStore
{
    Task<PlacedRoom?> GetAsync(string room, CancellationToken cancellation);

    /// <summary>Puts the room on <paramref name="node"/> with the next epoch if its row still has <paramref name="expectedEpoch"/> (null: if it has none).</summary>
    /// <returns>The row that now holds: this caller's, or the winner's.</returns>
    Task<PlacedRoom> CompareAndSetAsync(string room, long? expectedEpoch, NodeProcess node, CancellationToken cancellation);

    /// <summary>The epochs of those of the rooms that are placed at all.</summary>
    Task<IReadOnlyDictionary<string, long>> EpochsAsync(IReadOnlyCollection<string> rooms, CancellationToken cancellation);
}
