using Npgsql;
using Realtime.Signaling.Data;
using Realtime.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class SessionStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(15);

    static SessionRow Row(string id = "s1", long generation = 1) => new(id, "ann", "Ann", generation, ["general", "random"], [new SessionRoom("call", 3, "p1")]);

    [Fact]
    public async Task A_session_taken_over_cannot_be_ended_by_who_had_it()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var first = database.NewReplica(out _);
        var second = database.NewReplica(out _);
        await first.SaveAsync(Row(), default);
        var taken = await second.TakeAsync("s1", "ann", default);
        Assert.Equal(2, taken?.Generation);
        Assert.Equal(["general", "random"], taken!.Channels);
        Assert.Equal([new SessionRoom("call", 3, "p1")], taken.Rooms);
        Assert.False(await first.EndAsync("s1", 1, default));
        await first.ReleaseAsync("s1", 1, Lease, default);
        await first.SaveAsync(Row() with { Channels = [] }, default);
        Assert.Equal(2, (await second.MembersAsync("general", 10, default)).Count + (await second.MembersAsync("random", 10, default)).Count);
        Assert.True(await second.EndAsync("s1", 2, default));
        Assert.Null(await second.TakeAsync("s1", "ann", default));
    }

    [Fact]
    public async Task Nobody_takes_the_session_of_another_user()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = database.NewReplica(out _);
        await store.SaveAsync(Row(), default);
        Assert.Null(await store.TakeAsync("s1", "bob", default));
    }

    [Fact]
    public async Task Only_one_replica_gets_what_is_due_and_the_news_are_written_with_it()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var dead = database.NewReplica(out var deadIdentity);
        var alive = database.NewReplica(out var aliveIdentity);
        var survivor = database.NewReplica(out _);
        await new ReplicaStore(database.Database, deadIdentity).BeatAsync(default);
        await new ReplicaStore(database.Database, aliveIdentity).BeatAsync(default);
        await dead.SaveAsync(Row("orphan"), default);
        await alive.SaveAsync(Row("held"), default);
        await alive.SaveAsync(Row("leased"), default);
        await alive.ReleaseAsync("leased", 1, Lease, default);
        Assert.Empty(await survivor.ReapAsync(DeadAfter, 100, default));

        await AgeAsync(database, "update replicas set heartbeat_at = heartbeat_at - interval '16 s' where boot = $1", deadIdentity.Boot);
        await AgeAsync(database, "update sessions set lease_ends = lease_ends - interval '11 s' where id = $1", "leased");
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);
        var reaped = await Task.WhenAll(survivor.ReapAsync(DeadAfter, 100, default), alive.ReapAsync(DeadAfter, 100, default));
        Assert.Equal(["leased", "orphan"], reaped.SelectMany(static rows => rows).Select(static row => row.Id).Order());
        Assert.Equal(["general", "random"], (await outbox.ReadAsync(cursor, default)).Select(static entry => entry.Key).Distinct().Order());
        Assert.Equal(["held"], (await survivor.MembersAsync("general", 10, default)).Keys);
    }

    [Fact]
    public async Task A_session_resumed_in_time_is_not_due()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var dead = database.NewReplica(out var deadIdentity);
        var survivor = database.NewReplica(out var survivorIdentity);
        await new ReplicaStore(database.Database, deadIdentity).BeatAsync(default);
        await new ReplicaStore(database.Database, survivorIdentity).BeatAsync(default);
        await dead.SaveAsync(Row(), default);
        await survivor.TakeAsync("s1", "ann", default);
        await AgeAsync(database, "update replicas set heartbeat_at = heartbeat_at - interval '1 h' where boot = $1", deadIdentity.Boot);
        Assert.Empty(await survivor.ReapAsync(DeadAfter, 100, default));
    }

    static async Task AgeAsync(TestDatabase database, string sql, string key)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = key });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}
