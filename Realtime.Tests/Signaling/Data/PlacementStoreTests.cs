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
        var placed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.CompareAndSetAsync("call", null, new NodeProcess($"media-{i}", $"boot-{i}"), default)));
        Assert.Single(placed.Distinct());
        Assert.Equal(1, placed[0].Placement.Epoch);
        Assert.Equal(placed[0].Placement.Node["media-".Length..], placed[0].Boot!["boot-".Length..]);

        var moved = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.CompareAndSetAsync("call", 1, new NodeProcess($"other-{i}", $"boot-{i}"), default)));
        Assert.Single(moved.Distinct());
        Assert.Equal(2, moved[0].Placement.Epoch);
        Assert.Equal(moved[0], await store.CompareAndSetAsync("call", 1, new NodeProcess("stale", "stale"), default));
        Assert.Equal(moved[0], await store.GetAsync("call", default));
        Assert.Equal(new Dictionary<string, long> { ["call"] = 2 }, await store.EpochsAsync(["call", "none"], default));
    }

    [Fact]
    public async Task A_move_is_told_through_the_outbox_once()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new PlacementStore(database.Database);
        var outbox = new OutboxReader(database.Database);
        var start = await outbox.StartAsync(default);
        await store.CompareAndSetAsync("call", null, new NodeProcess("media-0", "a"), default);
        for (var i = 0; i < 2; i++)
            await store.CompareAndSetAsync("call", 1, new NodeProcess("media-1", "b"), default);
        var told = Assert.Single(await outbox.ReadAsync(start, default), static entry => entry.Kind == OutboxKind.Placement);
        Assert.Equal(("call", 2L), (told.Key, told.Epoch));
    }

    [Fact]
    public async Task A_row_of_the_version_before_speaks_of_no_process()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new PlacementStore(database.Database);
        await store.CompareAndSetAsync("call", null, new NodeProcess("media-0", "a"), default);
        await database.Database.RunAsync("old", async (connection, token) =>
        {
            await using var command = new Npgsql.NpgsqlCommand("update placements set node = 'media-1', epoch = epoch + 1", connection);
            return await command.ExecuteNonQueryAsync(token);
        }, default);
        Assert.Equal(new PlacedRoom(new Placement("call", "media-1", 2), null), await store.GetAsync("call", default));
    }
}
