using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

/// <summary>Edits and deletions in Postgres: one order with messages, no gaps, and what was deleted is gone from everything that is read.</summary>
public sealed class ChangeMessageTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly DateTimeOffset When = new(2030, 1, 1, 12, 0, 0, 123, TimeSpan.Zero);

    sealed class Log(TestDatabase database, string channel)
    {
        public MessageStore Messages { get; } = new(database.Database);
        public ChannelEventStore Events { get; } = new(database.Database);
        public MessageChangeStore Changes { get; } = new(database.Database);

        public async Task<string> SayAsync(string author, string text, MessageExtras? extras = null)
        {
            var id = Guid.CreateVersion7().ToString();
            await Messages.AppendAsync(channel, [new NewMessage(id, author, author, id, text, extras, When)]);
            return id;
        }

        public Task<Changed> EditAsync(string id, string actor, string text) => Changes.ChangeAsync(new MessageChange(channel, MessageChangeKind.Updated, id, actor, When, Text: text));

        public Task<Changed> DeleteAsync(string id, string actor, bool moderator = false, string? reason = null) =>
            Changes.ChangeAsync(new MessageChange(channel, MessageChangeKind.Deleted, id, actor, When, moderator, Reason: reason));

        public async Task<object[]> AllAsync() => [.. (await Events.ReadAfterAsync(channel, 0, 1000, default)).Select(static one => one.Record)];
    }

    [Fact]
    public async Task Changes_take_their_places_among_the_messages()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "c");
        var one = await log.SayAsync("ann", "one");
        await log.SayAsync("bob", "two");
        Assert.Equal(new Changed(ChangeOutcome.Done, 3, 1, 1, "ann"), await log.EditAsync(one, "ann", "one!"));
        await log.SayAsync("bob", "three");
        Assert.Equal(5, (await log.EditAsync(one, "ann", "one!!")).Seq);
        Assert.Equal(new ChannelHead(1, 5, 1), await log.Messages.HeadAsync("c", default));
        Assert.Equal(
            ["created one", "created two", "updated 1 one!", "created three", "updated 1 one!!"],
            (await log.AllAsync()).Select(static record => record switch
            {
                MessageUpdatedEvent update => $"updated {update.MessageSeq} {update.Text}",
                Message message => $"created {message.Text}",
                _ => "?",
            }));
        Assert.Equal([2L, 3, 4], (await log.Events.ReadBeforeAsync("c", 5, 3, default)).Select(static told => told.Seq));
        var now = (await log.Messages.ReadAfterAsync("c", 0, 10, default))[0];
        Assert.Equal(("one!!", When, null), (now.Text, now.EditedAt, now.Deleted));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_from_events_and_history_but_keeps_its_places()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "c");
        var extras = new MessageExtras(["bob"], [JsonDocument.Parse("""{"id":"a1"}""").RootElement], null, null);
        var id = await log.SayAsync("ann", "secret 1", extras);
        await log.EditAsync(id, "ann", "secret 2");
        await log.EditAsync(id, "ann", "secret 3");
        Assert.Equal(4, (await log.DeleteAsync(id, "mod", moderator: true, reason: "spam")).Seq);
        var told = await log.AllAsync();
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(told), StringComparison.Ordinal);
        var created = Assert.IsType<Message>(told[0]);
        Assert.Equal(("", true, null, null), (created.Text, created.Deleted, created.Mentions, created.Attachments));
        Assert.All(told[1..3], static record => Assert.True(Assert.IsType<MessageUpdatedEvent>(record).Deleted));
        Assert.Equal(new MessageDeletedEvent("c", 1, 4, id, 1, "mod", When, "spam"), told[3]);
        var now = Assert.Single(await log.Messages.ReadBeforeAsync("c", long.MaxValue, 10, default));
        Assert.Equal(("", true, null), (now.Text, now.Deleted, now.EditedAt));
        // For moderators it is kept, in order, with what was attached.
        Assert.Equal(["secret 1", "secret 2", "secret 3"], await ColumnAsync(database, "select text from message_texts order by replaced_seq"));
        Assert.Contains("a1", Assert.Single(await ColumnAsync(database, "select payload::text from message_texts where payload is not null")));
    }

    [Fact]
    public async Task Doing_it_again_changes_nothing_and_is_answered_with_the_same_place()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "c");
        var id = await log.SayAsync("ann", "a");
        Assert.Equal(new Changed(ChangeOutcome.Same, 1, 1, 1, "ann"), await log.EditAsync(id, "ann", "a"));
        Assert.Equal((ChangeOutcome.Done, 2L), Place(await log.EditAsync(id, "ann", "b")));
        Assert.Equal((ChangeOutcome.Same, 2L), Place(await log.EditAsync(id, "ann", "b")));
        Assert.Equal((ChangeOutcome.Done, 3L), Place(await log.DeleteAsync(id, "ann")));
        Assert.Equal((ChangeOutcome.Same, 3L), Place(await log.DeleteAsync(id, "ann")));
        Assert.Equal((ChangeOutcome.Same, 3L), Place(await log.DeleteAsync(id, "mod", moderator: true, reason: "again")));
        Assert.Equal(3, (await log.Messages.HeadAsync("c", default))?.Head);
        Assert.Equal(3, (await ColumnAsync(database, "select kind from outbox where kind = 'messages'")).Count);
    }

    [Fact]
    public async Task Who_may_not_changes_nothing()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "c");
        var id = await log.SayAsync("ann", "a");
        var elsewhere = await new Log(database, "d").SayAsync("ann", "other channel");
        Assert.Equal(ChangeOutcome.Forbidden, (await log.EditAsync(id, "bob", "x")).Outcome);
        Assert.Equal(ChangeOutcome.Forbidden, (await log.DeleteAsync(id, "bob")).Outcome);
        Assert.Equal(ChangeOutcome.ReasonNeeded, (await log.DeleteAsync(id, "mod", moderator: true)).Outcome);
        Assert.Equal(ChangeOutcome.NotFound, (await log.EditAsync("nothing", "ann", "x")).Outcome);
        Assert.Equal(ChangeOutcome.NotFound, (await log.DeleteAsync(elsewhere, "ann")).Outcome);
        Assert.Equal(ChangeOutcome.NotFound, (await new Log(database, "nowhere").DeleteAsync(id, "ann")).Outcome);
        Assert.Equal(ChangeOutcome.Empty, (await log.EditAsync(id, "ann", "")).Outcome);
        await log.DeleteAsync(id, "ann");
        Assert.Equal(ChangeOutcome.Gone, (await log.EditAsync(id, "ann", "back")).Outcome);
        Assert.Equal(2, (await log.Messages.HeadAsync("c", default))?.Head);
    }

    [Fact]
    public async Task A_retry_of_a_deleted_message_is_still_a_duplicate()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "c");
        var sent = new NewMessage("m1", "ann", "Ann", "client-1", "a", null, When);
        await log.Messages.AppendAsync("c", [sent]);
        await log.DeleteAsync("m1", "ann");
        var again = Assert.Single(await log.Messages.AppendAsync("c", [sent with { Id = "m2" }]));
        Assert.Equal(("m1", 1L, true), (again.Id, again.Seq, again.Duplicate));
    }

    [Fact]
    public async Task Many_who_send_edit_and_delete_at_once_leave_no_gap_and_one_order()
    {
        const int seed = 20302;
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "hot");
        var places = await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            var random = new Random(seed + writer);
            var own = new List<string>();
            var taken = new List<long>();
            for (var i = 0; i < 40; i++)
            {
                if (own.Count == 0 || random.Next(3) == 0)
                {
                    own.Add(await log.SayAsync($"w{writer}", $"{i}"));
                    continue;
                }
                var id = own[random.Next(own.Count)];
                var changed = random.Next(4) == 0 ? await log.DeleteAsync(id, $"w{writer}") : await log.EditAsync(id, $"w{writer}", $"edit {i}");
                if (changed.Outcome == ChangeOutcome.Done)
                    taken.Add(changed.Seq);
            }
            return taken;
        }));
        var events = await log.Events.ReadAfterAsync("hot", 0, 1000, default);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(static seq => (long)seq), events.Select(static one => one.Seq));
        Assert.Equal(events.Count, (await log.Messages.HeadAsync("hot", default))?.Head);
        Assert.Equal(places.SelectMany(static taken => taken).Order(), events.Where(static one => one.Record is not Message).Select(static one => one.Seq));
        // Told from the beginning, the events end in what history says.
        var replayed = CurrentMessages.FirstOf(events.Select(HubFrames.Stored), int.MaxValue);
        var now = await log.Messages.ReadAfterAsync("hot", 0, 1000, default);
        Assert.Equal(JsonSerializer.Serialize(now, ContractsJson.Options), JsonSerializer.Serialize(replayed, ContractsJson.Options));
    }

    [Fact]
    public async Task A_message_taken_by_retention_takes_the_texts_of_its_changes_along()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new Log(database, "c");
        var id = await log.SayAsync("ann", "old");
        await log.SayAsync("bob", "new");
        await log.EditAsync(id, "ann", "old, edited");
        await ColumnAsync(database, "delete from messages where seq = 1 returning id");
        var told = await log.AllAsync();
        Assert.Equal(2, told.Length);
        Assert.Equal(("", true), (((MessageUpdatedEvent)told[1]).Text, ((MessageUpdatedEvent)told[1]).Deleted));
        Assert.Empty(await ColumnAsync(database, "select text from message_texts"));
        Assert.Equal(new ChannelHead(1, 3, 2), await log.Messages.HeadAsync("c", default));
    }

    static (ChangeOutcome, long) Place(Changed changed) => (changed.Outcome, changed.Seq);

    static Task<List<string>> ColumnAsync(TestDatabase database, string sql) => database.Database.RunAsync("test", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        var values = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            values.Add(reader.GetString(0));
        return values;
    }, default);
}
