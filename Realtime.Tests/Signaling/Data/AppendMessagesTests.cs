using Realtime.Contracts;
using Realtime.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class AppendMessagesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly DateTimeOffset When = new(2030, 1, 1, 12, 0, 0, 123, TimeSpan.Zero);

    static NewMessage Message(string author, string clientId, string? text = null, MessageExtras? extras = null) =>
        new(Guid.CreateVersion7().ToString(), author, author.ToUpperInvariant(), clientId, text ?? clientId, extras, When);

    [Fact]
    public async Task Many_writers_leave_no_gap_and_no_double()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        const int writers = 12, batches = 10, size = 5;
        var appended = await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var own = new List<Appended>();
            for (var batch = 0; batch < batches; batch++)
                own.AddRange(await store.AppendAsync("hot", [.. Enumerable.Range(0, size).Select(i => Message($"w{writer}", $"{batch}-{i}"))]));
            return own;
        }));
        Assert.Equal(Enumerable.Range(1, writers * batches * size).Select(static seq => (long)seq), appended.SelectMany(static own => own).Select(static one => one.Seq).Order());
        Assert.All(appended, static own => Assert.Equal(own.Select(static one => one.Seq).Order(), own.Select(static one => one.Seq)));
        Assert.Equal(writers * batches * size, (await store.HeadAsync("hot", default))?.Head);
    }

    [Fact]
    public async Task A_retry_is_answered_with_what_is_stored()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        var first = (await store.AppendAsync("c", [Message("ann", "1", "original")]))[0];
        Assert.False(first.Duplicate);
        var again = await store.AppendAsync("c", [Message("ann", "0"), Message("ann", "1", "changed"), Message("bob", "1")]);
        Assert.Equal([false, true, false], again.Select(static one => one.Duplicate));
        Assert.Equal((first.Id, first.Seq), (again[1].Id, again[1].Seq));
        Assert.Equal([2, 1, 3], again.Select(static one => one.Seq));
        Assert.Equal(["original", "0", "1"], (await store.ReadAfterAsync("c", 0, 10, default)).Select(static message => message.Text));
    }

    [Fact]
    public async Task The_same_id_twice_in_a_batch_is_stored_once()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        var appended = await store.AppendAsync("c", [Message("ann", "1"), Message("ann", "1"), Message("ann", "2")]);
        Assert.Equal([false, true, false], appended.Select(static one => one.Duplicate));
        Assert.Equal([1, 1, 2], appended.Select(static one => one.Seq));
    }

    [Fact]
    public async Task The_same_message_raced_by_two_replicas_is_stored_once()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        for (var round = 0; round < 20; round++)
        {
            var id = $"r{round}";
            var both = await Task.WhenAll(store.AppendAsync("c", [Message("ann", id)]), store.AppendAsync("c", [Message("ann", id)]));
            Assert.Equal(both[0][0].Seq, both[1][0].Seq);
            Assert.Single(both, static one => !one[0].Duplicate);
        }
        Assert.Equal(20, (await store.HeadAsync("c", default))?.Head);
    }

    [Fact]
    public async Task A_message_is_read_as_it_was_sent()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        var sent = Message("ann", "1", "tëxt 👋", new MessageExtras(["bob"], [System.Text.Json.JsonDocument.Parse("""{"b":1,"a":[2]}""").RootElement], null, "m1"));
        await store.AppendAsync("c", [sent]);
        var read = Assert.Single(await store.ReadBeforeAsync("c", long.MaxValue, 10, default));
        var options = ContractsJson.Options;
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(sent.ToMessage("c", 1, 1), options), System.Text.Json.JsonSerializer.Serialize(read, options));
    }

    [Fact]
    public async Task Pages_go_both_ways()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new MessageStore(database.Database);
        await store.AppendAsync("c", [.. Enumerable.Range(1, 30).Select(static i => Message("ann", $"{i}"))]);
        Assert.Equal([11, 12, 13], (await store.ReadAfterAsync("c", 10, 3, default)).Select(static message => message.Seq));
        Assert.Equal([18, 19], (await store.ReadBeforeAsync("c", 20, 2, default)).Select(static message => message.Seq));
        Assert.Null(await store.HeadAsync("nobody", default));
    }
}
