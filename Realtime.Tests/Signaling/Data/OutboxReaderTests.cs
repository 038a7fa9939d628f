using Npgsql;
using Realtime.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class OutboxReaderTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task An_entry_whose_transaction_commits_late_is_not_skipped()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);

        await using var late = new NpgsqlConnection(database.ConnectionString);
        await late.OpenAsync();
        await using var transaction = await late.BeginTransactionAsync();
        await InsertAsync(late, "late");
        await using var early = new NpgsqlConnection(database.ConnectionString);
        await early.OpenAsync();
        await InsertAsync(early, "early");

        // The later id is there first; it is told at once, but the cursor must not move over the one that is still to come.
        var first = await outbox.ReadAsync(cursor, default);
        Assert.Equal(["early"], first.Select(static entry => entry.Key));
        Assert.False(first[0].Settled);

        await transaction.CommitAsync();
        var second = await outbox.ReadAsync(cursor, default);
        Assert.Equal(["late", "early"], second.Select(static entry => entry.Key));
        Assert.All(second, static entry => Assert.True(entry.Settled));
        Assert.Empty(await outbox.ReadAsync(new OutboxCursor(second[^1].TransactionId, second[^1].Id), default));
    }

    [Fact]
    public async Task A_start_sees_what_is_being_written_at_that_moment()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var outbox = new OutboxReader(database.Database);
        await using var before = new NpgsqlConnection(database.ConnectionString);
        await before.OpenAsync();
        await InsertAsync(before, "over");
        await using var open = new NpgsqlConnection(database.ConnectionString);
        await open.OpenAsync();
        await using var transaction = await open.BeginTransactionAsync();
        await InsertAsync(open, "during");
        var cursor = await outbox.StartAsync(default);
        await transaction.CommitAsync();
        Assert.Equal(["during"], (await outbox.ReadAsync(cursor, default)).Select(static entry => entry.Key));
    }

    [Fact]
    public async Task An_append_leaves_one_entry_and_a_retry_none()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var outbox = new OutboxReader(database.Database);
        var store = new MessageStore(database.Database);
        var cursor = await outbox.StartAsync(default);
        NewMessage[] batch = [.. Enumerable.Range(0, 3).Select(static i => new NewMessage($"id{i}", "ann", "Ann", $"{i}", "x", null, DateTimeOffset.UnixEpoch))];
        await store.AppendAsync("c", batch);
        await store.AppendAsync("c", [batch[0] with { Id = "other" }]);
        var entry = Assert.Single(await outbox.ReadAsync(cursor, default));
        Assert.Equal((OutboxKind.Messages, "c", 1L, 3L), (entry.Kind, entry.Key, entry.Epoch, entry.Number));
    }

    static async Task InsertAsync(NpgsqlConnection connection, string key)
    {
        await using var command = new NpgsqlCommand("insert into outbox (kind, key) values ('members', $1)", connection);
        command.Parameters.Add(new() { Value = key });
        await command.ExecuteNonQueryAsync();
    }
}
