using System.Collections.Concurrent;
using Realtime.Signaling.Rooms;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>The placement table without Postgres: same compare-and-set.</summary>
sealed class MemoryPlacements : IPlacementStore, ISessionRooms
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Placement> _rows = [];

    public ConcurrentDictionary<string, IReadOnlyList<SessionRoom>> Sessions { get; } = [];

    public Task<Placement?> GetAsync(string room, CancellationToken cancellation)
    {
        lock (_gate)
            return Task.FromResult(_rows.GetValueOrDefault(room));
    }

    public Task<Placement> CompareAndSetAsync(string room, long? expectedEpoch, string node, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_rows.GetValueOrDefault(room)?.Epoch == expectedEpoch)
                _rows[room] = new Placement(room, node, (expectedEpoch ?? 0) + 1);
            return Task.FromResult(_rows[room]);
        }
    }

    public Task SetAsync(string session, IReadOnlyList<SessionRoom> rooms, CancellationToken cancellation)
    {
        Sessions[session] = rooms;
        return Task.CompletedTask;
    }
}
