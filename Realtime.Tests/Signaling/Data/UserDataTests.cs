using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Moderation;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

/// <summary>Export and erasure of a user, and retention, in SQL.</summary>
public sealed class UserDataTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly DateTimeOffset When = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    static NewMessage Message(string author, string id, DateTimeOffset? at = null) => new(Guid.CreateVersion7().ToString(), author, author.ToUpperInvariant(), id, $"{author} says {id}", null, at ?? When);

    /// <summary>A user who has left traces everywhere.</summary>
    static async Task<TestDatabase> LivedInAsync(PostgresFixture postgres, int messages = 3)
    {
        var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        for (var i = 0; i < messages; i++)
        {
            await store.AppendAsync("c", [Message("ann", $"{i}"), Message("bob", $"{i}")]);
            await store.AppendAsync("d", [Message("ann", $"{i}")]);
        }
        var edited = (await store.ReadAfterAsync("c", 0, 1, default))[0];
        await new MessageChangeStore(database.Database).ChangeAsync(new MessageChange("c", MessageChangeKind.Updated, edited.Id, "ann", When, Text: "ann says better"));
        await new ChannelStore(database.Database).CreateAsync(new CreateChannelRequest("p", "private", Members: ["bob"]), "ann", null, default);
        await new DirectStore(database.Database).EnsureAsync(DirectName.Of(["ann", "bob"]), ["ann", "bob"], "ann", default);
        await store.AppendAsync(DirectName.Of(["ann", "bob"]), [Message("ann", "direct")]);
        var moderation = new ModerationStore(database.Database);
        await moderation.ActAsync("c", "mod", ChannelRole.None, ChannelRole.None, new AccessNews(ModerationAction.Ban, "ann", "mod", "ann is rude"), default);
        await moderation.ActAsync("c", "ann", ChannelRole.None, ChannelRole.None, new AccessNews(ModerationAction.TimeOut, "eve", "ann", "calm", DateTimeOffset.UtcNow.AddHours(1)), default);
        await database.ExecuteAsync("""
            insert into friendships (low, high, low_name, high_name, asked_by, friends, since)
            values ('ann', 'bob', 'Ann', 'Bob', 'bob', true, now()), ('aaa', 'ann', 'A', 'Ann', 'ann', false, now())
            """);
        await database.ExecuteAsync("insert into read_marks (channel, user_id, seq) values ('c', 'ann', 2)");
        return database;
    }

    static async Task EraseAsync(ErasureStore store, int stopAfter = int.MaxValue)
    {
        var claim = await store.ClaimAsync(default);
        for (var step = claim!.Step; step < ErasureSteps.All.Count; step++)
        {
            while (await store.RunStepAsync(claim.User, step, 2, default) > 0)
            {
                if (--stopAfter <= 0)
                    return;
            }
            await store.AdvanceAsync(claim.User, step + 1, default);
        }
    }

    [Fact]
    public async Task An_erasure_reaches_what_waits_for_webhooks_and_for_retries()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await database.ExecuteAsync("""
            insert into webhook_endpoints (id, url, description, kinds, channels, secrets, enabled, created_by, created_at) values ('w', 'https://x', '', '{*}', '{*}', '{s}', true, 'root', now());
            insert into webhook_deliveries (endpoint, event, kind, channel, payload, about, state, next_at, created_at) values
                ('w', 'e1', 'message.created', 'c', '{"data":{"author":"ann"}}', '{ann}', 'pending', now(), now()),
                ('w', 'e2', 'moderation.ban', 'c', '{"data":{"by":"bob","user":"ann"}}', '{bob,ann}', 'dead', now(), now()),
                ('w', 'e3', 'message.created', 'c', '{"data":{"author":"ann"}}', '{ann}', 'claimed', now(), now()),
                ('w', 'e4', 'message.created', 'c', '{"data":{"author":"bob"}}', '{bob}', 'pending', now(), now());
            insert into idempotency (owner, key, route, request, status, body) values ('ann', 'k', '/api/messages', '', 200, 'x'), ('bob', 'k', '/api/messages', '', 200, 'x')
            """);
        var store = new ErasureStore(database.Database);
        await store.RequestAsync("ann", "root", default);
        await EraseAsync(store);
        var deliveries = await database.ScalarAsync<string>("select string_agg(event || ' ' || state || ' ' || (payload is null)::text, ',' order by event) from webhook_deliveries");
        Assert.Equal("e1 dead true,e2 dead true,e3 claimed true,e4 pending false", deliveries);
        Assert.Equal("bob", await database.ScalarAsync<string>("select string_agg(owner, ',') from idempotency"));
    }

    [Fact]
    public async Task An_export_holds_everything_and_nothing_of_others()
    {
        await using var database = await LivedInAsync(postgres, 600);
        var records = new List<JsonElement>();
        await foreach (var record in new ExportStore(database.Database).ReadAsync("ann", default))
            records.Add(JsonSerializer.Deserialize<JsonElement>(record));
        var byType = records.CountBy(static record => record.GetProperty("type").GetString()!).ToDictionary();
        Assert.Equal(1201, byType["message"]);
        Assert.Equal((2, 1, 1, 2, 1), (byType["membership"], byType["restriction"], byType["readMark"], byType["friendship"], byType["audit"]));
        Assert.DoesNotContain(records, static record => record.GetRawText().Contains("bob says", StringComparison.Ordinal));
        Assert.Contains(records, static record => record.TryGetProperty("earlier", out var earlier) && earlier[0].GetString() == "ann says 0");
    }

    [Fact]
    public async Task What_an_erased_user_said_is_gone_and_its_places_stay()
    {
        await using var database = await LivedInAsync(postgres);
        var erasures = new ErasureStore(database.Database);
        Assert.Equal("pending", (await erasures.RequestAsync("ann", "root", default)).State);
        Assert.Equal("pending", (await erasures.RequestAsync("ann", "root", default)).State);
        await EraseAsync(erasures);
        Assert.Equal("done", (await erasures.FindAsync("ann", default))!.State);
        Assert.Null(await erasures.ClaimAsync(default));

        (string Table, string Column)[] traces =
        [
            ("messages", "author"), ("message_changes", "actor"), ("channel_members", "user_id"), ("channel_members", "added_by"), ("read_marks", "user_id"), ("channel_restrictions", "by_user"),
        ];
        foreach (var (table, column) in traces)
            Assert.Equal(0, await database.ScalarAsync<long>($"select count(*) from {table} where {column} = 'ann'"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from messages where text like '%ann says%' or author_name = 'ANN'"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from message_texts where text like '%ann says%'"));
        var left = await new MessageStore(database.Database).ReadAfterAsync("c", 0, 100, default);
        Assert.Equal([1, 2, 3, 4, 5, 6], left.Select(static message => message.Seq));
        Assert.Equal(3, left.Count(static message => message is { Deleted: true, Text: "", Author: "erased" }));
        Assert.Equal(3, left.Count(static message => message.Text.StartsWith("bob says", StringComparison.Ordinal)));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from friendships"));
        Assert.Equal(2, await database.ScalarAsync<long>("select count(*) from outbox where kind = 'user' and key in ('bob', 'aaa')"));
        // Everybody who reads along is told, in the channel's order, without a hole.
        var events = await new ChannelEventStore(database.Database).ReadAfterAsync("c", 0, 100, default);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(static seq => (long)seq), events.Select(static one => one.Seq));
        Assert.Equal(3, events.Count(static one => one.Record is MessageDeletedEvent { DeletedBy: "realtime" }));
        Assert.DoesNotContain("ann says", JsonSerializer.Serialize(events.Select(static one => one.Record), ContractsJson.Options), StringComparison.Ordinal);
        // An erasure is no pardon, and the log stays whole.
        Assert.True((await new AccessStore(database.Database).PolicyAsync("c", default)).Standings["ann"].IsBanned(DateTimeOffset.UtcNow));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from channel_restrictions where reason like '%ann%'"));
        var audit = new AuditReader(database.Database);
        var recorded = (await audit.ReadAsync(new AuditFilter(Target: "ann"), 0, 10, default)).Select(static entry => entry.Action);
        Assert.Equal(["erasureRequested", "userErased"], recorded.Where(static action => action.Contains("ras", StringComparison.Ordinal)));
        Assert.True((await audit.VerifyAsync(default)).Intact);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task An_erasure_whose_replica_died_goes_on_at_another(int diesAfter)
    {
        await using var database = await LivedInAsync(postgres);
        var erasures = new ErasureStore(database.Database);
        await erasures.RequestAsync("ann", "root", default);
        await EraseAsync(erasures, diesAfter);
        // Held by the dead one for a minute.
        Assert.Null(await erasures.ClaimAsync(default));
        await database.ExecuteAsync("update user_erasures set claimed_until = now() - interval '1 s'");
        await EraseAsync(erasures);
        Assert.Equal("done", (await erasures.FindAsync("ann", default))!.State);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from messages where author = 'ann'"));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from audit_log where action = 'userErased'"));
        // Asked for again it looks again, and finds nothing.
        Assert.Equal("pending", (await erasures.RequestAsync("ann", "root", default)).State);
        await EraseAsync(erasures);
        Assert.Equal("done", (await erasures.FindAsync("ann", default))!.State);
    }

    [Fact]
    public async Task Retention_takes_the_oldest_and_leaves_no_hole()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        var retention = new RetentionStore(database.Database);
        var old = When - TimeSpan.FromDays(10);
        await store.AppendAsync("aged", [.. Enumerable.Range(0, 5).Select(i => Message("ann", $"old{i}", old)), Message("ann", "new"), Message("ann", "late clock", old)]);
        await store.AppendAsync("kept", [Message("ann", "old", old)]);
        await database.ExecuteAsync("update channels set retention = interval '1 day' where name = 'aged'");
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);
        var due = Assert.Single(await retention.AgedAsync(null, 10, default));
        Assert.Equal(new AgedChannel("aged", TimeSpan.FromDays(1)), due);
        Assert.Equal(3, await retention.TrimMessagesAsync(due, 3, default));
        Assert.Equal(2, await retention.TrimMessagesAsync(due, 3, default));
        Assert.Equal(0, await retention.TrimMessagesAsync(due, 3, default));
        Assert.Equal([6, 7], (await store.ReadAfterAsync("aged", 0, 10, default)).Select(static message => message.Seq));
        Assert.Equal(new ChannelHead(1, 7, 6), await store.HeadAsync("aged", default));
        Assert.Equal([3, 5], (await outbox.ReadAsync(cursor, default)).Where(static entry => entry.Kind == "trimmed").Select(static entry => entry.Number));
        Assert.Empty(await retention.AgedAsync(null, 10, default));
        Assert.Equal(["kept"], (await retention.AgedAsync(TimeSpan.FromDays(2), 10, default)).Select(static one => one.Channel));
    }

    [Fact]
    public async Task What_a_deleted_channel_held_goes_and_then_its_name_is_free()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        var channels = new ChannelStore(database.Database);
        var retention = new RetentionStore(database.Database);
        await store.AppendAsync("c", [Message("ann", "1"), Message("ann", "2")]);
        Assert.True(await channels.DeleteAsync("c", "root", default));
        Assert.False(await channels.DeleteAsync("c", "root", default));
        Assert.True((await store.AppendAsync("c", [Message("ann", "3")]))[0].Refused);
        Assert.False(await channels.CreateAsync(new CreateChannelRequest("c", "private"), "eve", null, default));
        Assert.Equal(2, await retention.TrimMessagesAsync(Assert.Single(await retention.AgedAsync(null, 10, default)), 100, default));
        Assert.True(await channels.CreateAsync(new CreateChannelRequest("c", "private"), "eve", null, default));
        // Numbers go on: nobody's position means something else now.
        Assert.Equal(3, (await store.AppendAsync("c", [Message("eve", "1")]))[0].Seq);
        Assert.True((await store.AppendAsync("c", [Message("ann", "4")]))[0].Refused);
    }
}
