using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Auth;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>The hub of contract.md as a client sees it, across two replicas.</summary>
public sealed class HubTests(TwoReplicas replicas) : IClassFixture<TwoReplicas>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static string NewName() => $"c{Guid.NewGuid():N}";

    static Task<HelloResult> HelloAsync(HubClient client, string? resume = null, params Position[] positions) =>
        client.InvokeAsync<HelloResult>("Hello", new HelloRequest(resume, positions));

    static Task<JoinChannelResult> JoinAsync(HubClient client, string channel) => client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));

    static Task<SendMessageResult> SendAsync(HubClient client, string channel, string text, string? id = null) =>
        client.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, id ?? Guid.NewGuid().ToString(), text));

    static async Task<HubEventMessage> NextAsync(HubClient client, string name)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = await client.Events.ReadAsync(patience.Token);
            if (next.Name == name)
                return next;
        }
    }

    async Task<HubClient> EnterAsync(string user, string channel, int replica = 0)
    {
        var client = await replicas.ConnectAsync(user, replica);
        await HelloAsync(client);
        await JoinAsync(client, channel);
        return client;
    }

    [Fact]
    public async Task A_message_reaches_the_other_replica_as_history_shows_it()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await using var bob = await EnterAsync("bob", channel, replica: 1);
        var sent = await SendAsync(ann, channel, "hello");
        var heard = await NextAsync(bob, HubEvent.MessageCreated);
        Assert.Equal((sent.Id, 1L, "hello", "ANN"), (heard.Read<Message>().Id, heard.Read<Message>().Seq, heard.Read<Message>().Text, heard.Read<Message>().AuthorName));
        var history = await bob.InvokeAsync<List<Message>>("History", new HistoryRequest(channel));
        Assert.Equal(heard.Read<Message>(), Assert.Single(history));
    }

    [Fact]
    public async Task A_retry_on_another_replica_is_answered_with_what_is_stored()
    {
        var channel = NewName();
        await using var first = await EnterAsync("ann", channel);
        await using var second = await EnterAsync("ann", channel, replica: 1);
        var stored = await SendAsync(first, channel, "x", "same");
        var again = await SendAsync(second, channel, "x", "same");
        Assert.Equal((stored.Id, stored.Seq, stored.CreatedAt, true), (again.Id, again.Seq, again.CreatedAt, again.Duplicate));
    }

    [Fact]
    public async Task Members_are_those_whose_sessions_live()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await using var bob = await replicas.ConnectAsync("bob", 1);
        await HelloAsync(bob);
        await JoinAsync(bob, channel);
        // One's own coming may be told too.
        string who;
        do
            who = (await NextAsync(ann, HubEvent.MemberJoined)).Read<MemberJoinedEvent>().User;
        while (who == "ann");
        Assert.Equal("bob", who);
        await bob.CloseAsync();
        Assert.Equal("bob", (await NextAsync(ann, HubEvent.MemberLeft)).Read<MemberLeftEvent>().User);
    }

    [Fact]
    public async Task A_cut_connection_resumes_on_the_other_replica_with_exactly_what_it_missed()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        var bob = await replicas.ConnectAsync("bob");
        var hello = await HelloAsync(bob);
        await JoinAsync(bob, channel);
        await SendAsync(ann, channel, "1");
        await NextAsync(bob, HubEvent.MessageCreated);
        bob.Abort();
        await bob.DisposeAsync();
        for (var i = 2; i <= 6; i++)
            await SendAsync(ann, channel, $"{i}");

        await using var back = await replicas.ConnectAsync("bob", 1);
        var resumed = await HelloAsync(back, hello.ResumeToken, new Position(channel, 1));
        Assert.Equal(hello.Session, resumed.Session);
        Assert.Equal([new ResumedChannel(channel, 2, 6)], resumed.Resumed.Select(static one => one with { Members = null }));
        await SendAsync(ann, channel, "7");
        for (var seq = 2; seq <= 7; seq++)
            Assert.Equal(seq, (await NextAsync(back, HubEvent.MessageCreated)).Read<Message>().Seq);
        while (ann.Events.TryRead(out var seen))
            Assert.NotEqual(HubEvent.MemberLeft, seen.Name);
    }

    [Fact]
    public async Task Who_is_told_to_come_back_keeps_the_session_although_it_says_goodbye()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel, replica: 1);
        await using var bob = await replicas.ConnectAsync("bob");
        var hello = await HelloAsync(bob);
        await JoinAsync(bob, channel);
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token("root", new Grants(Admin: true)));
        (await http.PostAsJsonAsync("/admin/socket/recovery", new { connection = hello.Session })).EnsureSuccessStatusCode();
        await NextAsync(bob, HubEvent.Closing);
        await bob.CloseAsync();
        await using var back = await replicas.ConnectAsync("bob", 1);
        Assert.Equal(hello.Session, (await HelloAsync(back, hello.ResumeToken, new Position(channel, 0))).Session);
        await SendAsync(back, channel, "here again");
        await NextAsync(ann, HubEvent.MessageCreated);
        Assert.Contains("bob", (await JoinAsync(ann, channel)).Members.Select(static member => member.User));
    }

    [Fact]
    public async Task A_resume_token_is_worth_nothing_to_another_user()
    {
        await using var ann = await replicas.ConnectAsync("ann");
        var hello = await HelloAsync(ann);
        await using var eve = await replicas.ConnectAsync("eve");
        Assert.NotEqual(hello.Session, (await HelloAsync(eve, hello.ResumeToken)).Session);
    }

    [Fact]
    public async Task What_is_not_granted_is_denied()
    {
        await using var client = await replicas.ConnectAsync("ann", 0, new Grants(Channels: ["team-*"]));
        await HelloAsync(client);
        await JoinAsync(client, "team-red");
        await RefusedAsync(ErrorCode.Forbidden, JoinAsync(client, "general"));
        await RefusedAsync(ErrorCode.Forbidden, SendAsync(client, "general", "x"));
        await RefusedAsync(ErrorCode.Forbidden, client.InvokeAsync<List<Message>>("History", new HistoryRequest("general")));
        await RefusedAsync(ErrorCode.Forbidden, client.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest("room")));
    }

    [Fact]
    public async Task Whatever_cannot_be_read_is_refused_and_the_connection_stays()
    {
        var channel = NewName();
        await using var client = await replicas.ConnectAsync("ann");
        await RefusedAsync(ErrorCode.Conflict, JoinAsync(client, channel));
        await HelloAsync(client);
        await RefusedAsync(ErrorCode.Invalid, client.InvokeAsync<Done>("Nothing", new { }));
        await RefusedAsync(ErrorCode.Invalid, client.InvokeAsync<Done>("SendMessage", new { channel = 5 }));
        await RefusedAsync(ErrorCode.Invalid, client.InvokeAsync<Done>("Malformed", "x"));
        await RefusedAsync(ErrorCode.TooLarge, SendAsync(client, channel, new string('x', 70_000)));
        await RefusedAsync(ErrorCode.TooLarge, SendAsync(client, channel, new string('x', 2001)));
        Assert.Equal(1, (await SendAsync(client, channel, "still here")).Seq);
    }

    [Fact]
    public async Task The_thirty_first_message_of_a_minute_is_refused_with_when_to_come_back()
    {
        var channel = NewName();
        await using var client = await EnterAsync($"u{Guid.NewGuid():N}", channel);
        for (var i = 0; i < 30; i++)
            await SendAsync(client, channel, $"{i}");
        var refused = await RefusedAsync(ErrorCode.RateLimited, SendAsync(client, channel, "too much"));
        Assert.Equal("messages", refused.Scope);
        Assert.InRange(refused.RetryAfterMs ?? 0, 1, 2000);
    }

    [Fact]
    public async Task The_eleventh_edit_and_the_sixth_deletion_of_a_minute_are_refused()
    {
        var channel = NewName();
        await using var client = await EnterAsync($"u{Guid.NewGuid():N}", channel);
        var sent = new List<SendMessageResult>();
        for (var i = 0; i < 6; i++)
            sent.Add(await SendAsync(client, channel, $"{i}"));
        for (var i = 0; i < 10; i++)
            await client.InvokeAsync<ChangeMessageResult>("EditMessage", new EditMessageRequest(channel, sent[0].Id, $"edit {i}"));
        var edit = await RefusedAsync(ErrorCode.RateLimited, client.InvokeAsync<ChangeMessageResult>("EditMessage", new EditMessageRequest(channel, sent[0].Id, "too much")));
        for (var i = 0; i < 5; i++)
            await client.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(channel, sent[i].Id));
        var deletion = await RefusedAsync(ErrorCode.RateLimited, client.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(channel, sent[5].Id)));
        Assert.Equal(("edits", "deletes"), (edit.Scope, deletion.Scope));
        Assert.InRange(edit.RetryAfterMs ?? 0, 1, 6000);
        Assert.InRange(deletion.RetryAfterMs ?? 0, 1, 12_000);
    }

    [Fact]
    public async Task A_fault_in_one_call_ends_that_call_alone_and_is_explained()
    {
        var channel = NewName();
        await using var victim = await EnterAsync("victim", channel);
        await using var other = await EnterAsync("other", channel);
        var faults = replicas.Service<FaultInjector>(0);
        Assert.Null(faults.Add(new FaultRule("hub", FaultKind.Throw, Action: "SendMessage", User: "victim", Count: 1)));
        var refused = await RefusedAsync(ErrorCode.Internal, SendAsync(victim, channel, "boom"));
        Assert.NotNull(refused.Incident);
        Assert.Equal(1, (await SendAsync(other, channel, "fine")).Seq);
        Assert.Equal(2, (await SendAsync(victim, channel, "fine again")).Seq);
        var report = Path.Combine(replicas.Service<CrashReporter>(0).Directory!, $"*{refused.Incident}.json");
        await Eventually.TrueAsync(() => Directory.GetFiles(Path.GetDirectoryName(report)!, Path.GetFileName(report)).Length == 1);
    }

    [Fact]
    public async Task A_revoked_user_is_put_out_everywhere_and_stays_out()
    {
        var user = $"u{Guid.NewGuid():N}";
        await using var client = await EnterAsync(user, NewName(), replica: 1);
        var token = replicas.Token(user);
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AuthOptions.DevelopmentKey}:{AuthOptions.DevelopmentSecret}")));
        Assert.Equal(HttpStatusCode.NoContent, (await http.PostAsync($"/api/users/{user}/revoke", null)).StatusCode);
        Assert.Equal(CloseCode.Revoked, (await client.Closed.WaitAsync(Patience)).Code);
        await Assert.ThrowsAsync<HubConnectionException>(() => HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[1], token)));
    }

    [Fact]
    public async Task A_token_that_ends_ends_the_connection()
    {
        await using var client = await HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[0], replicas.Token("brief", ttl: "00:00:02")));
        await HelloAsync(client);
        Assert.Equal(CloseCode.Expired, (await client.Closed.WaitAsync(Patience)).Code);
    }

    [Fact]
    public async Task A_connection_id_of_one_replica_is_good_at_the_other()
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token("ann"));
        var negotiated = await (await http.PostAsync("/hub/negotiate?negotiateVersion=1", null)).Content.ReadFromJsonAsync<System.Text.Json.JsonElement>();
        Assert.Equal("WebSockets", Assert.Single(negotiated.GetProperty("availableTransports").EnumerateArray()).GetProperty("transport").GetString());
        using var socket = new ClientWebSocket();
        var other = replicas.Servers[1];
        await socket.ConnectAsync(new Uri($"ws://{other.Authority}/hub?id={negotiated.GetProperty("connectionToken").GetString()}&access_token={replicas.Token("ann")}"), default);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, default);
        var buffer = new byte[64];
        var read = await socket.ReceiveAsync(buffer, default);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(buffer, 0, read.Count));
    }

    [Theory]
    [InlineData("", null, HttpStatusCode.Unauthorized)]
    [InlineData("nonsense", null, HttpStatusCode.Unauthorized)]
    [InlineData(null, "https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Who_may_not_enter_is_stopped_before_the_upgrade(string? token, string? origin, HttpStatusCode status)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{replicas.Servers[0].Authority}/hub?access_token={token ?? replicas.Token("ann")}"), default));
        Assert.Equal(status, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Operations_need_the_grant()
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        string[] paths = ["/api/nodes", "/api/rooms", "/api/admin/feed", "/metrics/socket", "/health/socket", "/status/circuit-breakers"];
        foreach (var path in paths)
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(path)).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token("ann"));
        foreach (var path in paths)
            Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync(path)).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token("root", new Grants(Admin: true)));
        foreach (var path in paths.Where(static path => path != "/api/admin/feed"))
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(path)).StatusCode);
        using var feed = new StreamReader(await http.GetStreamAsync("/api/admin/feed"));
        var line = await feed.ReadLineAsync();
        Assert.StartsWith("data: ", line);
        var snapshot = System.Text.Json.JsonSerializer.Deserialize<AdminSnapshot>(line!["data: ".Length..], ContractsJson.Options);
        Assert.Equal("signaling-0", snapshot?.Replica);
    }

    static async Task<RealtimeError> RefusedAsync(string code, Task call)
    {
        var refused = await Assert.ThrowsAsync<HubCallException>(() => call);
        Assert.Equal(code, refused.Error.Code);
        return refused.Error;
    }
}
