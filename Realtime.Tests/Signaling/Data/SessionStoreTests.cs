using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Presence;
using Realtime.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class SessionStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(15);

    static SessionRow Row(string id = "s1", long generation = 1) => new(id, "ann", "Ann", generation, ["general", "random"], [new SessionRoom("call", 3, "p1")],
        new DeviceStatus(PresenceStatus.Idle, new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero), new UserActivity("chess"), 3));

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
        Assert.Equal(Row().Status, taken.Status);
        Assert.Empty(await first.EndAsync([new SessionEnding("s1", 1, "closed")], default));
        await first.ReleaseAsync("s1", 1, Lease, default);
        await first.SaveAsync(Row() with { Channels = [] }, default);
        Assert.Equal(2, (await second.MembersAsync("general", 10, default)).Count + (await second.MembersAsync("random", 10, default)).Count);
        Assert.Equal(["s1"], await second.EndAsync([new SessionEnding("s1", 2, "closed")], default));
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
    public async Task Of_many_who_come_back_at_once_each_gets_its_own_and_who_comes_twice_a_generation_each()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = database.NewReplica(out _);
        string[] ids = [.. Enumerable.Range(0, 30).Select(static i => $"s{i}")];
        foreach (var id in ids)
            await store.SaveAsync(Row(id), default);
        var taken = await Task.WhenAll(ids.Append("s7").Append("nobody").Select(id => store.TakeAsync(id, "ann", default)).Append(store.TakeAsync("s8", "bob", default)));
        Assert.Equal([.. ids, "s7", null, null], taken.Select(static row => row?.Id));
        Assert.Equal([2, 3], new[] { taken[7]!.Generation, taken[30]!.Generation }.Order());
        Assert.All(taken.Take(30).Where(static row => row!.Id != "s7"), static row => Assert.Equal(2, row!.Generation));
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
        Assert.Empty(await survivor.ClaimDueAsync(DeadAfter, 100, default));

        await AgeAsync(database, "update replicas set heartbeat_at = heartbeat_at - interval '16 s' where boot = $1", deadIdentity.Boot);
        await AgeAsync(database, "update sessions set lease_ends = lease_ends - interval '11 s' where id = $1", "leased");
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);
        var due = (await Task.WhenAll(survivor.ClaimDueAsync(DeadAfter, 100, default), alive.ClaimDueAsync(DeadAfter, 100, default))).SelectMany(static rows => rows).ToList();
        Assert.Equal(["leased", "orphan"], due.Select(static row => row.Id).Order());
        // Nobody resumes them any more, and nobody takes them for members.
        Assert.Null(await alive.TakeAsync("leased", "ann", default));
        Assert.Equal(["held"], (await survivor.MembersAsync("general", 10, default)).Keys);
        Assert.Empty(await outbox.ReadAsync(cursor, default));
        await survivor.EndAsync([.. due.Select(static row => new SessionEnding(row.Id, row.Generation, "lost"))], default);
        var news = await outbox.ReadAsync(cursor, default);
        Assert.Equal(["general", "random"], news.Where(static entry => entry.Kind == OutboxKind.Members).Select(static entry => entry.Key).Distinct().Order());
        Assert.Equal(["leased", "orphan"], news.Where(static entry => entry is { Kind: OutboxKind.Presence, Payload: null, Number: 2 }).Select(static entry => entry.Key).Order());
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
        Assert.Empty(await survivor.ClaimDueAsync(DeadAfter, 100, default));
    }

    [Fact]
    public async Task Who_dies_while_ending_a_session_leaves_it_to_the_next()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var dead = database.NewReplica(out var deadIdentity);
        var first = database.NewReplica(out var firstIdentity);
        var second = database.NewReplica(out _);
        await new ReplicaStore(database.Database, deadIdentity).BeatAsync(default);
        await new ReplicaStore(database.Database, firstIdentity).BeatAsync(default);
        await dead.SaveAsync(Row(), default);
        await AgeAsync(database, "update replicas set heartbeat_at = heartbeat_at - interval '16 s' where boot = $1", deadIdentity.Boot);
        var claimed = Assert.Single(await first.ClaimDueAsync(DeadAfter, 100, default));
        Assert.Empty(await second.ClaimDueAsync(DeadAfter, 100, default));
        await AgeAsync(database, "update replicas set heartbeat_at = heartbeat_at - interval '16 s' where boot = $1", firstIdentity.Boot);
        var again = Assert.Single(await second.ClaimDueAsync(DeadAfter, 100, default));
        Assert.Equal(claimed.Rooms, again.Rooms);
        // It was not dead, only slow: what it does now is for nothing.
        Assert.Empty(await first.EndAsync([new SessionEnding("s1", claimed.Generation, "lost")], default));
        Assert.Equal(["s1"], await second.EndAsync([new SessionEnding("s1", again.Generation, "lost")], default));
        Assert.Empty(await first.EndAsync([new SessionEnding("s1", claimed.Generation, "lost")], default));
        Assert.Equal(1L, await CountAsync(database, "select sum(sessions)::bigint from session_days"));
    }

    [Fact]
    public async Task A_step_that_fails_for_ever_on_a_live_replica_does_not_keep_the_session()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var replica = database.NewReplica(out var identity);
        var other = database.NewReplica(out _);
        await new ReplicaStore(database.Database, identity).BeatAsync(default);
        await replica.SaveAsync(Row(), default);
        await replica.ReleaseAsync("s1", 1, TimeSpan.FromSeconds(-1), default);
        Assert.Single(await replica.ClaimDueAsync(DeadAfter, 100, default));
        Assert.Empty(await replica.HeldAsync(default));
        await AgeAsync(database, "update sessions set ending_since = ending_since - interval '16 s' where id = $1", "s1");
        Assert.Single(await other.ClaimDueAsync(DeadAfter, 100, default));
    }

    [Fact]
    public async Task A_stray_is_leased_unless_it_was_taken_meanwhile_and_who_holds_it_elsewhere_is_known()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var here = database.NewReplica(out var hereIdentity);
        var there = database.NewReplica(out var thereIdentity);
        await new ReplicaStore(database.Database, hereIdentity).BeatAsync(default);
        await here.SaveAsync(Row(), default);
        Assert.Equal(1, (await here.HeldAsync(default))["s1"]);
        await here.TakeAsync("s1", "ann", default);
        await here.ReleaseStrayAsync("s1", 1, Lease, default);
        Assert.Equal(2, (await here.HeldAsync(default))["s1"]);
        await here.ReleaseStrayAsync("s1", 2, Lease, default);
        Assert.Empty(await here.HeldAsync(default));

        await there.TakeAsync("s1", "ann", default);
        // A replica that nobody hears holds nothing.
        Assert.Empty(await here.TakenAsync(["s1"], default));
        await new ReplicaStore(database.Database, thereIdentity).BeatAsync(default);
        Assert.Equal(3, (await here.TakenAsync(["s1", "s2"], default))["s1"]);
        Assert.Empty(await there.TakenAsync(["s1"], default));
    }

    [Fact]
    public async Task A_status_is_written_once_and_announced_with_its_session()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = database.NewReplica(out var identity);
        await store.SaveAsync(Row(), default);
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);
        var changed = Row() with { Status = Row().Status with { Status = PresenceStatus.DoNotDisturb, Activity = null, Version = 4 } };
        await store.SetStatusAsync(changed, default);
        await store.SetStatusAsync(Row(), default);
        Assert.Equal([changed.Status.ToEntry("s1", "ann", identity.Boot, 1)], await store.PresenceAsync("", 10, default));
        Assert.Equal("s1", Assert.Single(await outbox.ReadAsync(cursor, default)).Key);
        Assert.Empty(await store.PresenceAsync("s1", 10, default));
    }

    static async Task<long> CountAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
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
