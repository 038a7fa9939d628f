using System.Net;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;
using static Realtime.Tests.Signaling.Access.AccessClients;

namespace Realtime.Tests.Signaling.Access;

/// <summary>Direct and group messages as clients see them, over two replicas.</summary>
[Collection(nameof(AccessReplicas))]
public sealed class DirectTests(TwoReplicas replicas)
{
    static readonly Grants None = new();

    [Fact]
    public async Task A_direct_message_reaches_every_session_of_every_member_who_joined_nothing()
    {
        var (ann, bob, cid) = (NewName("ann"), NewName("bob"), NewName("cid"));
        List<HubClient> clients = [];
        foreach (var (user, replica) in new[] { (ann, 0), (bob, 1), (bob, 0), (cid, 1) })
            clients.Add((await replicas.EnterAsync(user, replica, None)).Client);
        var (eve, _) = await replicas.EnterAsync(NewName("eve"));
        await using var _ = eve;
        try
        {
            var sent = await clients[0].SendDirectAsync("hello", bob, cid);
            Assert.Equal((DirectName.Of([ann, bob, cid]), 1L, false), (sent.Channel, sent.Seq, sent.Duplicate));
            foreach (var client in clients)
                Assert.Equal(("hello", ann, sent.Id), Told(await client.NextAsync<Message>(HubEvent.MessageCreated)));
            // Whoever answers, to whomever in the same circle: the same channel, the next number.
            var answer = await clients[3].SendDirectAsync("back", ann, bob);
            Assert.Equal((sent.Channel, 2L), (answer.Channel, answer.Seq));
            foreach (var client in clients)
                Assert.Equal(("back", cid, answer.Id), Told(await client.NextAsync<Message>(HubEvent.MessageCreated)));
            // By the channel's name too; and once each.
            await clients[1].SendAsync(sent.Channel, "by name");
            foreach (var client in clients)
                Assert.Single((await client.UntilAsync(sent.Channel, "by name")), static one => one.Name == HubEvent.MessageCreated);
            Assert.Equal(3, (await clients[2].InvokeAsync<List<Message>>("History", new HistoryRequest(sent.Channel))).Count);

            await eve.JoinAsync("lobby");
            await eve.SendAsync("lobby", "mark");
            Assert.Single(await eve.UntilAsync("lobby", "mark"), static one => one.Name == HubEvent.MessageCreated);
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }

        static (string, string, string) Told(Message message) => (message.Text, message.Author, message.Id);
    }

    [Fact]
    public async Task A_session_that_comes_back_gets_what_it_missed_of_new_and_of_known_conversations()
    {
        var (ann, bob, cid) = (NewName("ann"), NewName("bob"), NewName("cid"));
        var (first, hello) = await replicas.EnterAsync(bob, 1);
        var (writer, _) = await replicas.EnterAsync(ann, 0);
        var (other, _) = await replicas.EnterAsync(cid, 0);
        await using var one = writer;
        await using var two = other;
        var known = await writer.SendDirectAsync("1", bob);
        await first.NextAsync<Message>(HubEvent.MessageCreated);
        first.Abort();
        await first.DisposeAsync();
        await writer.SendDirectAsync("2", bob);
        var sprang = await other.SendDirectAsync("new", bob);

        var (back, resumed) = await replicas.EnterAsync(bob, 0, null, hello.ResumeToken, new Position(known.Channel, 1));
        await using var three = back;
        Assert.Equal(hello.Session, resumed.Session);
        Assert.Equal([new ResumedChannel(known.Channel, 2, 2), new ResumedChannel(sprang.Channel, 1, 1)], resumed.Resumed.OrderByDescending(one => one.Channel == known.Channel));
        List<string> texts = [(await back.NextAsync<Message>(HubEvent.MessageCreated)).Text, (await back.NextAsync<Message>(HubEvent.MessageCreated)).Text];
        Assert.Equal(["2", "new"], texts.Order());
        await writer.SendDirectAsync("3", bob);
        Assert.Equal("3", (await back.NextAsync<Message>(HubEvent.MessageCreated)).Text);
    }

    [Fact]
    public async Task No_grant_and_no_guess_opens_somebody_elses_conversation()
    {
        var (ann, bob) = (NewName("ann"), NewName("bob"));
        var (writer, _) = await replicas.EnterAsync(ann, 0, None);
        var (eve, _) = await replicas.EnterAsync(NewName("eve"), 0, new Grants(Channels: ["*", "dm:*"], Rooms: ["*"], Publish: true, Subscribe: true, Moderate: true, Admin: true));
        await using var one = writer;
        await using var two = eve;
        var sent = await writer.SendDirectAsync("secret", bob);
        // The right name, one that does not exist, and what only looks like one: the same words for all.
        string[] names = [sent.Channel, DirectName.Of([ann, "nobody"]), "DM:" + sent.Channel[3..], "dm:general", sent.Channel.ToUpperInvariant()];
        var words = new HashSet<string>();
        foreach (var name in names)
        {
            words.Add((await RefusedAsync(ErrorCode.Forbidden, eve.JoinAsync(name))).Message);
            words.Add((await RefusedAsync(ErrorCode.Forbidden, eve.SendAsync(name, "let me in"))).Message);
            words.Add((await RefusedAsync(ErrorCode.Forbidden, eve.InvokeAsync<List<Message>>("History", new HistoryRequest(name)))).Message);
            words.Add((await RefusedAsync(ErrorCode.Forbidden, eve.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(name, sent.Id, "mine")))).Message);
            words.Add((await RefusedAsync(ErrorCode.Forbidden, eve.InvokeAsync<Done>("Unban", new UnbanRequest(name, ann, "mine")))).Message);
        }
        Assert.Single(words);
        using var http = replicas.Http("eve", new Grants(Channels: ["*"], Moderate: true, Admin: true));
        await http.GetAsync($"/api/messages/{sent.Id}").ExpectAsync(HttpStatusCode.NotFound);
        await http.GetAsync($"/api/channels/{sent.Channel}").ExpectAsync(HttpStatusCode.Forbidden);
        await http.GetAsync($"/api/channels/{sent.Channel}/members").ExpectAsync(HttpStatusCode.Forbidden);
        await http.GetAsync($"/api/channels/{sent.Channel}/messages").ExpectAsync(HttpStatusCode.Forbidden);
        await http.DeleteAsync($"/api/channels/{sent.Channel}").ExpectAsync(HttpStatusCode.Forbidden);
        Assert.Empty((await http.GetAsync("/api/directs").ReadAsync<Page<DirectInfo>>()).Items);
        // Resuming with its position: nothing.
        var (back, resumed) = await replicas.EnterAsync("eve", 1, null, null, new Position(sent.Channel, 0));
        await using var three = back;
        Assert.Empty(resumed.Resumed);

        using var own = replicas.Http(bob, None);
        var direct = Assert.Single((await own.GetAsync("/api/directs").ReadAsync<Page<DirectInfo>>()).Items);
        Assert.Equal((sent.Channel, 1L), (direct.Channel, direct.Seq));
        Assert.Equal(new[] { ann, bob }.Order(StringComparer.Ordinal), direct.Members);
        Assert.Equal("secret", (await own.GetAsync($"/api/messages/{sent.Id}").ReadAsync<Message>()).Text);
    }

    [Fact]
    public async Task Ids_of_other_channels_change_nothing_here()
    {
        var (ann, eve) = (NewName("ann"), NewName("eve"));
        var (open, hidden) = (NewName(), await replicas.PrivateAsync(ann));
        var (writer, _) = await replicas.EnterAsync(ann);
        var (attacker, _) = await replicas.EnterAsync(eve, 1, Moderator);
        await using var one = writer;
        await using var two = attacker;
        var secret = await writer.SendAsync(hidden, "secret");
        await attacker.SendAsync(open, "mine");
        await RefusedAsync(ErrorCode.NotFound, attacker.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(open, secret.Id, "why")));
        await RefusedAsync(ErrorCode.NotFound, attacker.InvokeAsync<ChangeMessageResult>("EditMessage", new EditMessageRequest(open, secret.Id, "changed")));
        await RefusedAsync(ErrorCode.Forbidden, attacker.InvokeAsync<List<Message>>("History", new HistoryRequest(hidden, After: 0)));
        await RefusedAsync(ErrorCode.Forbidden, attacker.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(hidden, Since: 0)));
        foreach (var odd in new[] { hidden + "\u200b", hidden.ToUpperInvariant() + " ", hidden + "\0", "../" + hidden, hidden + "/members", "*" })
            await RefusedAsync(ErrorCode.Invalid, attacker.InvokeAsync<List<Message>>("History", new HistoryRequest(odd)));
        using var http = replicas.Http(eve);
        await http.GetAsync($"/api/channels?after={open}&limit=1").ExpectAsync(HttpStatusCode.OK);
        Assert.DoesNotContain((await http.GetAsync("/api/channels?limit=100").ReadAsync<Page<ChannelInfo>>()).Items, channel => channel.Channel == hidden);
        await http.GetAsync($"/api/messages/{secret.Id}").ExpectAsync(HttpStatusCode.NotFound);
        Assert.Equal("secret", Assert.Single(await writer.InvokeAsync<List<Message>>("History", new HistoryRequest(hidden))).Text);
    }

    [Fact]
    public async Task Twenty_direct_messages_a_minute()
    {
        var (client, _) = await replicas.EnterAsync(NewName("ann"), 0, None);
        await using var _ = client;
        for (var i = 0; i < 20; i++)
            await client.SendDirectAsync($"{i}", "bob");
        Assert.Equal("directs", (await RefusedAsync(ErrorCode.RateLimited, client.SendDirectAsync("too much", "bob"))).Scope);
    }
}
