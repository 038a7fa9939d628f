using System.Net.Http.Headers;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Two replicas on which nobody writes too much.</summary>
public sealed class RoomyReplicas : TwoReplicas
{
    protected override ValueTask<IReadOnlyDictionary<string, string?>> MoreSettingsAsync() => new(new Dictionary<string, string?>
    {
        ["Limits:MessagesPerMinute"] = "60000",
        ["Limits:EditsPerMinute"] = "60000",
        ["Limits:DeletesPerMinute"] = "60000",
        ["Limits:ChannelsPerMinute"] = "60000",
        ["Limits:CallsPerSecond"] = "1000",
    });
}

/// <summary>Edits and deletions as a client sees them: events of the channel's one order, across replicas, live, resumed and in history.</summary>
public sealed class MessageEventsTests(RoomyReplicas replicas) : IClassFixture<RoomyReplicas>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>One durable event, as far as the tests compare it.</summary>
    readonly record struct Told(string Name, long Seq, long Of, string Text, bool Deleted)
    {
        public static Told Read(HubEventMessage message) => message.Name switch
        {
            HubEvent.MessageCreated => message.Read<Message>() is var created ? new(message.Name, created.Seq, created.Seq, created.Text, created.Deleted == true) : default,
            HubEvent.MessageUpdated => message.Read<MessageUpdatedEvent>() is var update ? new(message.Name, update.Seq, update.MessageSeq, update.Text, update.Deleted == true) : default,
            _ => message.Read<MessageDeletedEvent>() is var deletion ? new(message.Name, deletion.Seq, deletion.MessageSeq, "", true) : default,
        };
    }

    static string NewName() => $"c{Guid.NewGuid():N}";

    static Task<SendMessageResult> SayAsync(HubClient client, string channel, string text) =>
        client.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, Guid.NewGuid().ToString(), text));

    static Task<ChangeMessageResult> EditAsync(HubClient client, string channel, string id, string text) => client.InvokeAsync<ChangeMessageResult>("EditMessage", new EditMessageRequest(channel, id, text));

    static Task<ChangeMessageResult> DeleteAsync(HubClient client, string channel, string id, string? reason = null) =>
        client.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(channel, id, reason));

    static Task<List<Message>> HistoryAsync(HubClient client, string channel, long? after = null) => client.InvokeAsync<List<Message>>("History", new HistoryRequest(channel, After: after, Limit: 100));

    static async Task<List<Told>> TakeAsync(HubClient client, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var told = new List<Told>();
        while (told.Count < count)
        {
            var next = await client.Events.ReadAsync(patience.Token);
            if (next.Name is HubEvent.MessageCreated or HubEvent.MessageUpdated or HubEvent.MessageDeleted)
                told.Add(Told.Read(next));
            Assert.NotEqual(HubEvent.Gap, next.Name);
        }
        return told;
    }

    async Task<HubClient> EnterAsync(string user, string channel, int replica = 0, Grants? grants = null, Position? from = null)
    {
        var client = await replicas.ConnectAsync(user, replica, grants);
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest(null, from is null ? [] : [from]));
        if (from is null)
            await client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));
        return client;
    }

    [Fact]
    public async Task Changes_are_told_on_every_replica_in_the_order_of_the_messages()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await using var bob = await EnterAsync("bob", channel, replica: 1);
        var one = await SayAsync(ann, channel, "one");
        var two = await SayAsync(bob, channel, "two");
        Assert.Equal(3, (await EditAsync(ann, channel, one.Id, "one!")).Seq);
        Assert.Equal(4, (await DeleteAsync(bob, channel, two.Id)).Seq);
        Assert.Equal(3, (await EditAsync(ann, channel, one.Id, "one!")).Seq);
        Assert.Equal(4, (await DeleteAsync(bob, channel, two.Id)).Seq);
        Told[] expected = [
            new(HubEvent.MessageCreated, 1, 1, "one", false),
            new(HubEvent.MessageCreated, 2, 2, "two", false),
            new(HubEvent.MessageUpdated, 3, 1, "one!", false),
            new(HubEvent.MessageDeleted, 4, 2, "", true)];
        Assert.Equal(expected, await TakeAsync(ann, 4));
        Assert.Equal(expected, await TakeAsync(bob, 4));
        // From memory and from the database alike.
        foreach (var history in (List<Message>[])[await HistoryAsync(ann, channel, 0), await HistoryAsync(ann, channel), [.. (await bob.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel))).History]])
        {
            Assert.Equal(["one!", ""], history.Select(static message => message.Text));
            Assert.Equal((true, null), (history[0].EditedAt is not null, history[0].Deleted));
            Assert.Equal((null, true), (history[1].EditedAt, history[1].Deleted));
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(300)]
    public async Task A_resume_over_changes_repeats_what_was_missed_from_memory_and_from_the_database(int messages)
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        var sent = new List<SendMessageResult>();
        for (var i = 0; i < messages; i++)
            sent.Add(await SayAsync(ann, channel, $"secret {i}"));
        await EditAsync(ann, channel, sent[5].Id, "secret edited");
        await DeleteAsync(ann, channel, sent[5].Id);
        await EditAsync(ann, channel, sent[6].Id, "edited");
        var live = await TakeAsync(ann, messages + 3);
        for (var replica = 0; replica < 2; replica++)
        {
            await using var back = await EnterAsync("bob", channel, replica, from: new Position(channel, 3));
            var resumed = await TakeAsync(back, messages);
            Assert.Equal(Enumerable.Range(4, messages).Select(static seq => (long)seq), resumed.Select(static told => told.Seq));
            var gone = resumed.Where(static told => told.Of == 6).ToList();
            Assert.Equal([HubEvent.MessageCreated, HubEvent.MessageUpdated, HubEvent.MessageDeleted], gone.Select(static told => told.Name));
            Assert.All(gone, static told => Assert.Equal(("", true), (told.Text, told.Deleted)));
            Assert.Equal(live.Skip(3).Where(static told => told.Of != 6), resumed.Where(static told => told.Of != 6));
        }
    }

    [Fact]
    public async Task What_redis_never_said_comes_through_the_outbox_and_takes_back_what_memory_has()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        var reader = await EnterAsync("bob", channel, replica: 1);
        var sent = await SayAsync(ann, channel, "secret");
        await TakeAsync(reader, 1);
        await reader.CloseAsync();
        await reader.DisposeAsync();
        var feed = replicas.Service<ChannelFeeds>(1).Find(channel)!;
        await Eventually.TrueAsync(() => feed.Readers == 0);
        // Straight into the database: nobody publishes it.
        await replicas.Service<MessageChangeStore>(0).ChangeAsync(new MessageChange(channel, MessageChangeKind.Deleted, sent.Id, "ann", DateTimeOffset.UtcNow));
        Assert.Equal(new Told(HubEvent.MessageDeleted, 2, 1, "", true), (await TakeAsync(ann, 2))[1]);
        await Eventually.TrueAsync(() => feed.MissingAfter is not null || feed.Extent?.Head == 2);
        await using var back = await EnterAsync("bob", channel, replica: 1, from: new Position(channel, 0));
        Assert.Equal([new Told(HubEvent.MessageCreated, 1, 1, "", true), new Told(HubEvent.MessageDeleted, 2, 1, "", true)], await TakeAsync(back, 2));
    }

    [Fact]
    public async Task Two_replicas_that_send_edit_and_delete_at_once_tell_one_order_without_gaps()
    {
        const int seed = 20305, writers = 6, steps = 40;
        var channel = NewName();
        List<HubClient> clients = [];
        try
        {
            for (var i = 0; i < writers; i++)
                clients.Add(await EnterAsync($"w{i}", channel, replica: i % 2));
            var seqs = await Task.WhenAll(clients.Select((client, i) => WriteAsync(client, channel, new Random(seed + i), steps)));
            var last = seqs.SelectMany(static own => own).Max();
            Assert.Equal(Enumerable.Range(1, (int)last).Select(static seq => (long)seq), seqs.SelectMany(static own => own).Distinct().Order());
            var told = await Task.WhenAll(clients.Select(client => TakeAsync(client, (int)last)));
            Assert.All(told, all => Assert.Equal(told[0], all));
            Assert.Equal(Enumerable.Range(1, (int)last).Select(static seq => (long)seq), told[0].Select(static one => one.Seq));
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    /// <returns>The places that were acknowledged.</returns>
    static async Task<List<long>> WriteAsync(HubClient client, string channel, Random random, int steps)
    {
        var own = new List<string>();
        var seqs = new List<long>();
        for (var i = 0; i < steps; i++)
        {
            switch (own.Count == 0 ? 0 : random.Next(4))
            {
                case 1:
                    seqs.Add((await EditAsync(client, channel, own[random.Next(own.Count)], $"edit {i}")).Seq);
                    break;
                case 2:
                    var id = own[random.Next(own.Count)];
                    own.Remove(id);
                    seqs.Add((await DeleteAsync(client, channel, id)).Seq);
                    break;
                default:
                    var sent = await SayAsync(client, channel, $"{i}");
                    own.Add(sent.Id);
                    seqs.Add(sent.Seq);
                    break;
            }
        }
        return seqs;
    }

    [Fact]
    public async Task Authors_change_what_is_theirs_and_moderators_say_why()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await using var eve = await EnterAsync("eve", channel, replica: 1);
        await using var mod = await EnterAsync("mod", channel, replica: 1, new Grants(Channels: ["*"], Moderate: true));
        var sent = await SayAsync(ann, channel, "hello");
        await RefusedAsync(ErrorCode.Forbidden, "id", EditAsync(eve, channel, sent.Id, "eve was here"));
        await RefusedAsync(ErrorCode.Forbidden, "id", DeleteAsync(eve, channel, sent.Id, "because"));
        await RefusedAsync(ErrorCode.Forbidden, "id", EditAsync(mod, channel, sent.Id, "mod was here"));
        await RefusedAsync(ErrorCode.Invalid, "reason", DeleteAsync(mod, channel, sent.Id));
        await RefusedAsync(ErrorCode.Invalid, "reason", DeleteAsync(mod, channel, sent.Id, " \u200b"));
        await RefusedAsync(ErrorCode.TooLarge, "reason", DeleteAsync(mod, channel, sent.Id, new string('x', 501)));
        await RefusedAsync(ErrorCode.Invalid, "text", EditAsync(ann, channel, sent.Id, "\u200b"));
        await RefusedAsync(ErrorCode.TooLarge, "text", EditAsync(ann, channel, sent.Id, new string('x', 2001)));
        await RefusedAsync(ErrorCode.NotFound, "id", EditAsync(ann, channel, "unknown", "x"));
        await RefusedAsync(ErrorCode.NotFound, "id", DeleteAsync(ann, NewName(), sent.Id));
        Assert.Equal(2, (await DeleteAsync(mod, channel, sent.Id, "spam")).Seq);
        using var patience = new CancellationTokenSource(Patience);
        HubEventMessage told;
        do
            told = await eve.Events.ReadAsync(patience.Token);
        while (told.Name != HubEvent.MessageDeleted);
        Assert.Equal(("mod", "spam"), (told.Read<MessageDeletedEvent>().DeletedBy, told.Read<MessageDeletedEvent>().Reason));
        await RefusedAsync(ErrorCode.NotFound, "id", EditAsync(ann, channel, sent.Id, "back"));
    }

    [Fact]
    public async Task Another_channels_messages_stay_out_of_reach()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        var sent = await SayAsync(ann, channel, "hello");
        await using var stranger = await EnterAsync("ann", "team-x", grants: new Grants(Channels: ["team-*"], Moderate: true));
        await RefusedAsync(ErrorCode.Forbidden, "channel", EditAsync(stranger, channel, sent.Id, "x"));
        await RefusedAsync(ErrorCode.Forbidden, "channel", DeleteAsync(stranger, channel, sent.Id, "x"));
        await RefusedAsync(ErrorCode.NotFound, "id", DeleteAsync(stranger, "team-x", sent.Id, "x"));
        await RefusedAsync(ErrorCode.NotFound, "channel", stranger.InvokeAsync<Done>("MarkRead", new MarkReadRequest(channel, 1)));
    }

    [Fact]
    public async Task Markup_comes_out_as_json_that_no_browser_takes_for_a_page()
    {
        var channel = NewName();
        await using var eve = await EnterAsync("eve", channel);
        string[] texts = [.. Markup.Corpus.Where(static text => !text.Contains('\0', StringComparison.Ordinal)).Take(50)];
        foreach (var text in texts)
            await SayAsync(eve, channel, text);
        using var http = new HttpClient { BaseAddress = replicas.Servers[1] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token("eve"));
        using var response = await http.GetAsync($"/api/channels/{channel}/messages");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.DoesNotMatch("[<>&'`]", await response.Content.ReadAsStringAsync());
        Assert.Equal(texts.Select(TextRules.Clean), (await HistoryAsync(eve, channel)).Select(static message => message.Text));
        Assert.Equal(texts.Select(TextRules.Clean), (await TakeAsync(eve, texts.Length)).Select(static told => told.Text));
    }

    static async Task RefusedAsync(string code, string field, Task call)
    {
        var refused = await Assert.ThrowsAsync<HubCallException>(() => call);
        Assert.Equal((code, field), (refused.Error.Code, refused.Error.Field));
    }
}
