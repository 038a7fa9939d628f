using System.Collections.Concurrent;
using Realtime.Signaling.Rooms;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>Pending leaves without Postgres: the same leases.</summary>
sealed class MemoryLeaves : IPendingLeaves
{
    public ConcurrentDictionary<string, (PendingLeave Leave, DateTimeOffset LeaseEnds)> Rows { get; } = [];

    /// <summary>Every lease is over.</summary>
    public void Expire()
    {
        foreach (var (id, row) in Rows)
            Rows[id] = (row.Leave, DateTimeOffset.MinValue);
    }

    public Task AddAsync(IReadOnlyList<PendingLeave> leaves, DateTimeOffset now, DateTimeOffset leaseEnds, CancellationToken cancellation)
    {
        foreach (var leave in leaves)
            Rows.TryAdd(leave.Id, (leave, leaseEnds));
        return Task.CompletedTask;
    }

    public Task RemoveAsync(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        foreach (var id in ids)
            Rows.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<PendingLeave>> TakeStuckAsync(DateTimeOffset now, DateTimeOffset leaseEnds, int most, CancellationToken cancellation)
    {
        var taken = new List<PendingLeave>();
        foreach (var (id, row) in Rows.Where(row => row.Value.LeaseEnds < now).Take(most))
        {
            Rows[id] = (row.Leave with { Attempts = row.Leave.Attempts + 1 }, leaseEnds);
            taken.Add(Rows[id].Leave);
        }
        return Task.FromResult<IReadOnlyList<PendingLeave>>(taken);
    }
}
