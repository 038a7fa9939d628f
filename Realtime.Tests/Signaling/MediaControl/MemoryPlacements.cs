using System.Collections.Concurrent;
using Realtime.Signaling.Rooms;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>The placement table without Postgres: same compare-and-set.</summary>
sealed class MemoryPlacements : IPlacementStore, ISessionRooms
{
    readonly Lock _gate = new();
    readonly Dictionary<string, PlacedRoom> _rows = [];

    public ConcurrentDictionary<string, IReadOnlyList<SessionRoom>> Sessions { get; } = [];

    public Task<PlacedRoom?> GetAsync(string room, CancellationToken cancellation)
    {
        lock (_gate)
            return Task.FromResult(_rows.GetValueOrDefault(room));
    }

    public Task<PlacedRoom> CompareAndSetAsync(string room, long? expectedEpoch, NodeProcess node, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_rows.GetValueOrDefault(room)?.Placement.Epoch == expectedEpoch)
                _rows[room] = new PlacedRoom(new Placement(room, node.Node, (expectedEpoch ?? 0) + 1), node.Boot);
            return Task.FromResult(_rows[room]);
        }
    }

    public Task<IReadOnlyDictionary<string, long>> EpochsAsync(IReadOnlyCollection<string> rooms, CancellationToken cancellation)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyDictionary<string, long>>(_rows.Where(row => rooms.Contains(row.Key)).ToDictionary(static row => row.Key, static row => row.Value.Placement.Epoch));
    }

    public Task SetAsync(string session, IReadOnlyList<SessionRoom> rooms, CancellationToken cancellation)
    {
        Sessions[session] = rooms;
        return Task.CompletedTask;
    }
}
