using Realtime.Signaling.Rooms;
using Realtime.Tests.Signaling.Access;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>Leaves in Postgres until their node has acknowledged them.</summary>
[Collection(nameof(AccessReplicas))]
public sealed class LeaveStoreTests(TwoReplicas replicas)
{
    /// <summary>So late that the replicas' own sweepers leave these alone.</summary>
    static readonly DateTimeOffset Now = new(2100, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    static PendingLeave Leave(string id) => new(id, new Placement("room", "media-0", 3), $"p-{id}", "sessionEnded");

    [Fact]
    public async Task A_leave_is_stuck_when_its_lease_is_over_is_taken_by_one_and_gone_when_done()
    {
        var store = replicas.Service<IPendingLeaves>(0);
        await store.AddAsync([Leave("a"), Leave("b")], Now, Now + Lease, default);
        // Again: a retry of the same statement.
        await store.AddAsync([Leave("a")], Now, Now + Lease, default);
        Assert.Empty(await store.TakeStuckAsync(Now + (Lease / 2), Now + (2 * Lease), 10, default));

        var stuck = await store.TakeStuckAsync(Now + (1.5 * Lease), Now + (3 * Lease), 10, default);
        Assert.Equal([Leave("a") with { Attempts = 2 }, Leave("b") with { Attempts = 2 }], stuck.OrderBy(static one => one.Id, StringComparer.Ordinal));
        Assert.Empty(await store.TakeStuckAsync(Now + (2 * Lease), Now + (3 * Lease), 10, default));
        await store.RemoveAsync(["a"], default);
        Assert.Equal(("b", 3), (await store.TakeStuckAsync(Now + (4 * Lease), Now + (5 * Lease), 1, default)) is [var one] ? (one.Id, one.Attempts) : default);
    }
}
