using Realtime.Signaling.Data;
using Realtime.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class PlacementStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Of_many_who_place_a_room_one_wins_and_all_know_it()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new PlacementStore(database.Database);
        Assert.Null(await store.GetAsync("call", default));
        var placed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.CompareAndSetAsync("call", null, $"media-{i}", default)));
        Assert.Single(placed.Distinct());
        Assert.Equal(1, placed[0].Epoch);

        var moved = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.CompareAndSetAsync("call", 1, $"other-{i}", default)));
        Assert.Single(moved.Distinct());
        Assert.Equal(2, moved[0].Epoch);
        Assert.Equal(moved[0], await store.CompareAndSetAsync("call", 1, "stale", default));
        Assert.Equal(new Placement("call", moved[0].Node, 2), await store.GetAsync("call", default));
    }
}
