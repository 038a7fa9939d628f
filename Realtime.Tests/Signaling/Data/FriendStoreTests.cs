using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class FriendStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly DateTimeOffset Since = new(2026, 1, 1, 12, 0, 0, 123, TimeSpan.Zero);

    static Task<FriendChange> StepAsync(FriendStore store, string step, string user, string other, string? id = null) =>
        store.ChangeAsync(step, id ?? Guid.NewGuid().ToString("N"), user, user.ToUpperInvariant(), other, Since, default);

    static async Task<string> StatesAsync(FriendStore store, string one, string other)
    {
        async Task<string> Of(string user, string seen) => (await store.ListAsync(user, "", 10, default)).SingleOrDefault(friend => friend.User == seen)?.State ?? FriendState.None;
        return $"{await Of(one, other)}/{await Of(other, one)}";
    }

    /// <summary>From each state each step: what the one who takes it sees, what both see after, and whether it is told.</summary>
    [Theory]
    [InlineData("", "request", "requested", "requested/incoming", true)]
    [InlineData("", "accept", "refused", "none/none", false)]
    [InlineData("", "decline", "none", "none/none", false)]
    [InlineData("", "remove", "none", "none/none", false)]
    [InlineData("a", "request", "requested", "requested/incoming", false)]
    [InlineData("a", "accept", "refused", "requested/incoming", false)]
    [InlineData("a", "decline", "refused", "requested/incoming", false)]
    [InlineData("a", "remove", "none", "none/none", true)]
    [InlineData("b", "request", "friends", "friends/friends", true)]
    [InlineData("b", "accept", "friends", "friends/friends", true)]
    [InlineData("b", "decline", "none", "none/none", true)]
    [InlineData("b", "remove", "none", "none/none", true)]
    [InlineData("ab", "request", "friends", "friends/friends", false)]
    [InlineData("ab", "accept", "friends", "friends/friends", false)]
    [InlineData("ab", "decline", "refused", "friends/friends", false)]
    [InlineData("ab", "remove", "none", "none/none", true)]
    public async Task Every_step_from_every_state(string asked, string step, string sees, string states, bool told)
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new FriendStore(database.Database);
        var outbox = new OutboxReader(database.Database);
        foreach (var who in asked)
            await StepAsync(store, "request", who == 'a' ? "ann" : "bob", who == 'a' ? "bob" : "ann");
        var cursor = await outbox.StartAsync(default);
        var change = await StepAsync(store, step, "ann", "bob", "id");
        Assert.Equal(sees, change.Refused is null ? change.State : "refused");
        Assert.Equal(states, await StatesAsync(store, "ann", "bob"));
        Assert.Equal(told, change.Changed);
        var news = await outbox.ReadAsync(cursor, default);
        Assert.Equal(told ? ["ann", "bob"] : [], news.Select(static entry => entry.Key));
        foreach (var entry in news)
        {
            Assert.Equal(OutboxKind.User, entry.Kind);
            Assert.True(Realtime.Signaling.People.UserEvent.TryReadOutbox(entry.Key, entry.Payload, out var read));
            var payload = System.Text.Json.JsonSerializer.Deserialize<FriendEvent>(read.Payload.Span, ContractsJson.Options)!;
            Assert.Equal(Since, payload.Since);
            Assert.Equal(entry.Key == "ann" ? ("id-1", "bob") : ("id-2", "ann"), (read.Id, payload.User));
            Assert.Equal(states.Split('/')[entry.Key == "ann" ? 0 : 1], payload.State);
        }
    }

    [Fact]
    public async Task Requests_that_cross_at_the_same_moment_become_one_friendship()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new FriendStore(database.Database);
        for (var i = 0; i < 20; i++)
        {
            var (one, other) = ($"a{i}", $"b{i}");
            var changes = await Task.WhenAll(
                StepAsync(store, "request", one, other), StepAsync(store, "request", other, one), StepAsync(store, "request", one, other), StepAsync(store, "request", other, one));
            Assert.Equal(2, changes.Count(static change => change.Changed));
            Assert.Equal("friends/friends", await StatesAsync(store, one, other));
        }
    }

    [Fact]
    public async Task Both_see_the_same_whatever_many_do_at_once()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new FriendStore(database.Database);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] steps = ["request", "accept", "decline", "remove"];
        string[] people = ["a", "b", "c"];
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            {
                random.Shuffle(people);
                return StepAsync(store, steps[random.Next(4)], people[0], people[1]);
            }));
            foreach (var (one, other) in new[] { ("a", "b"), ("b", "c"), ("a", "c") })
                Assert.True(await StatesAsync(store, one, other) is "none/none" or "friends/friends" or "requested/incoming" or "incoming/requested", $"seed {seed}");
        }
    }

    [Fact]
    public async Task Bounds_hold_also_when_many_ask_at_once()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new FriendStore(database.Database);
        await InsertAsync(database, "select 'ann', 'r' || i, 'ann', 'r' || i, 'ann', false from generate_series(1, 95) i");
        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => StepAsync(store, "request", "ann", $"x{i}")));
        Assert.Equal((5, 15), (asked.Count(static one => one.Changed), asked.Count(static one => one.Refused == "requests")));

        await InsertAsync(database, "select 'bob', 'f' || i, 'bob', 'f' || i, 'bob', true from generate_series(1, 999) i");
        await StepAsync(store, "request", "p", "bob");
        await StepAsync(store, "request", "q", "bob");
        var accepted = await Task.WhenAll(StepAsync(store, "accept", "bob", "p"), StepAsync(store, "accept", "bob", "q"));
        Assert.Equal(1, accepted.Count(static one => one.Refused == "friends"));
        Assert.Equal(1000, await store.CountAsync("bob", default));

        await InsertAsync(database, "select 'cat', 'm' || i, 'cat', 'm' || i, 'm' || i, false from generate_series(1, 1000) i");
        Assert.Equal("asking", (await StepAsync(store, "request", "z", "cat")).Refused);
    }

    [Fact]
    public async Task Friends_and_people_in_a_channel_see_each_other()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new FriendStore(database.Database);
        await StepAsync(store, "request", "ann", "bob");
        Assert.False(await store.MaySeeAsync("ann", "bob", default));
        await StepAsync(store, "accept", "bob", "ann");
        Assert.True(await store.MaySeeAsync("ann", "bob", default));
        Assert.True(await store.MaySeeAsync("bob", "ann", default));
        Assert.False(await store.MaySeeAsync("ann", "cat", default));
        var read = await store.FriendsOfAsync(["ann", "bob", "cat"], default);
        Assert.Equal(["bob"], read["ann"]);
        Assert.Equal(["ann"], read["bob"]);
        Assert.Empty(read["cat"]);
    }

    static async Task InsertAsync(TestDatabase database, string rows)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"insert into friendships (low, high, low_name, high_name, asked_by, friends, since) select l, h, ln, hn, a, f, now() from ({rows}) as rows (l, h, ln, hn, a, f)", connection);
        await command.ExecuteNonQueryAsync();
    }
}
