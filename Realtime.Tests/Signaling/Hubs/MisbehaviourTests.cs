using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Sessions;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>One misbehaves in every way there is while others talk: that one is stopped, with the right code, and nobody else notices.</summary>
[Collection(GuardCollection.Name)]
public sealed class MisbehaviourTests(TwoReplicas replicas)
{
    const int Bystanders = 12;
    const char Separator = '\u001e';

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static string NewUser(string what) => $"{what}-{Guid.NewGuid():N}";

    Uri Server => replicas.Servers[0];

    async Task<RawHub> EnterAsync(string user, Grants? grants = null, string? ttl = null)
    {
        var hub = await RawHub.ConnectAsync(Server, replicas.Token(user, grants, ttl));
        await hub.HelloAsync();
        return hub;
    }

    [Fact]
    [Trait("Tier", "EndToEnd")]
    public async Task Ten_ways_to_misbehave_end_one_connection_each_and_nobody_elses()
    {
        var channel = $"c{Guid.NewGuid():N}";
        var others = new List<HubClient>();
        for (var i = 0; i < Bystanders; i++)
        {
            var client = await replicas.ConnectAsync(NewUser("bystander"), i % 2);
            await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
            await client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));
            others.Add(client);
        }

        var ways = new Dictionary<string, Task<CloseCode?>>
        {
            ["throwing handler"] = ThrowingAsync(channel),
            ["malformed frame"] = SendsAsync("this is no JSON" + Separator),
            ["nested frame"] = SendsAsync("{\"x\":" + new string('[', 200) + new string(']', 200) + "}" + Separator),
            ["giant frame"] = SendsAsync("{\"x\":\"" + new string('x', 400 * 1024)),
            ["flood"] = SendsAsync(string.Concat(Enumerable.Repeat("{\"type\":6}" + Separator, 8000))),
            ["unknown methods"] = UnknownAsync(),
            ["slow reading"] = SlowAsync(channel),
            ["half-open"] = SilentAsync(),
            ["expired token"] = ExpiredAsync(),
            ["forged ids"] = ForgedAsync(channel),
            ["reconnect storm"] = StormAsync(),
        };
        var sent = 0;
        while (ways.Values.Any(static way => !way.IsCompleted) && sent < Bystanders * 25)
        {
            foreach (var client in others)
            {
                await client.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, Guid.NewGuid().ToString(), $"{sent}"));
                sent++;
            }
            // At a pace that the limits allow.
            await Task.WhenAny([.. ways.Values.Where(static way => !way.IsCompleted), Task.Delay(1000)]);
        }
        await Task.WhenAll(ways.Values).WaitAsync(Patience);
        Assert.Equal(
            [
                ("expired token", CloseCode.Expired), ("flood", CloseCode.Quarantined), ("forged ids", null), ("giant frame", CloseCode.BadProtocol), ("half-open", CloseCode.NoPong),
                ("malformed frame", CloseCode.BadProtocol), ("nested frame", CloseCode.BadProtocol), ("reconnect storm", null), ("slow reading", CloseCode.Slow),
                ("throwing handler", CloseCode.Quarantined), ("unknown methods", CloseCode.BadProtocol),
            ],
            ways.Select(static way => (way.Key, way.Value.Result)).OrderBy(static way => way.Key, StringComparer.Ordinal));

        foreach (var client in others)
        {
            Assert.False(client.Closed.IsCompleted);
            var heard = new List<long>();
            using var patience = new CancellationTokenSource(Patience);
            while (heard.Count < sent)
            {
                var next = await client.Events.ReadAsync(patience.Token);
                if (next.Name == HubEvent.MessageCreated)
                    heard.Add(next.Read<Message>().Seq);
            }
            Assert.Equal(Enumerable.Range(1, sent).Select(static seq => (long)seq), heard);
            await client.DisposeAsync();
        }
    }

    async Task<CloseCode?> ThrowingAsync(string channel)
    {
        var user = NewUser("throws");
        Assert.Null(replicas.Service<FaultInjector>(0).Add(new FaultRule("hub", FaultKind.Throw, Action: "History", User: user, Count: 20)));
        await using var hub = await EnterAsync(user);
        for (var i = 1; i <= 10; i++)
            await hub.TrySendAsync($"{{\"type\":1,\"invocationId\":\"{i}\",\"target\":\"History\",\"arguments\":[{{\"channel\":\"{channel}\"}}]}}{Separator}");
        var closing = await hub.ClosingAsync();
        Assert.NotNull(closing?.Incident);
        return (CloseCode?)closing?.Code;
    }

    async Task<CloseCode?> SendsAsync(string text)
    {
        await using var hub = await EnterAsync(NewUser("sends"));
        await hub.TrySendAsync(text);
        return (CloseCode?)(await hub.ClosingAsync())?.Code;
    }

    async Task<CloseCode?> UnknownAsync()
    {
        await using var hub = await EnterAsync(NewUser("unknown"));
        // Without an id nobody waits for an answer: it counts all the same.
        for (var i = 0; i < 40; i++)
            await hub.TrySendAsync($"{{\"type\":1,\"target\":\"Nothing\",\"arguments\":[]}}{Separator}");
        return (CloseCode?)(await hub.ClosingAsync())?.Code;
    }

    async Task<CloseCode?> SlowAsync(string channel)
    {
        var user = NewUser("slow");
        await using var hub = await EnterAsync(user);
        var connection = replicas.Service<HubConnections>(0).All.Single(one => one.Token.User == user);
        // Each answer is large, and none of them is read.
        for (var i = 0; i < 25; i++)
            await hub.CallAsync("SendMessage", $"{{\"channel\":\"{channel}-slow\",\"clientMessageId\":\"{i}\",\"text\":\"{new string('x', 2000)}\"}}", $"s{i}");
        await Eventually.TrueAsync(async () =>
        {
            if (connection.Lanes.ClosedWith is null)
                await hub.TrySendAsync($"{{\"type\":1,\"invocationId\":\"h\",\"target\":\"History\",\"arguments\":[{{\"channel\":\"{channel}-slow\",\"limit\":100}}]}}{Separator}");
            return connection.Lanes.ClosedWith is not null;
        }, Patience);
        return connection.Lanes.ClosedWith;
    }

    async Task<CloseCode?> SilentAsync()
    {
        await using var hub = await EnterAsync(NewUser("silent"));
        return (CloseCode?)(await hub.ClosingAsync())?.Code;
    }

    async Task<CloseCode?> ExpiredAsync()
    {
        await using var hub = await EnterAsync(NewUser("expired"), ttl: "00:00:02");
        return (CloseCode?)(await hub.ClosingAsync())?.Code;
    }

    /// <summary>Refused each time, and not yet a reason to be closed.</summary>
    async Task<CloseCode?> ForgedAsync(string channel)
    {
        await using var client = await replicas.ConnectAsync(NewUser("forged"), 0, new Grants(Channels: ["mine"]));
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest("r1.0190.9999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        foreach (var (method, argument) in new (string, object)[]
        {
            ("History", new HistoryRequest(channel)), ("EditMessage", new EditMessageRequest(channel, Guid.NewGuid().ToString(), "x")), ("JoinRoom", new JoinRoomRequest("room")),
            ("LeaveChannel", new LeaveChannelRequest(channel)), ("JoinChannel", new JoinChannelRequest("../" + channel)),
        })
        {
            var refused = await Assert.ThrowsAsync<HubCallException>(() => client.InvokeAsync<System.Text.Json.JsonElement>(method, argument));
            Assert.Contains(refused.Error.Code, new[] { ErrorCode.Forbidden, ErrorCode.NotFound, ErrorCode.Invalid });
        }
        Assert.False(client.Closed.IsCompleted);
        return null;
    }

    async Task<CloseCode?> StormAsync()
    {
        var token = replicas.Token(NewUser("storm"));
        var statuses = new List<HttpStatusCode?>();
        for (var i = 0; i < 140; i++)
            statuses.Add(await RawHub.TryConnectAsync(Server, token));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.InRange(statuses.Count(static status => status is null), 100, 139);
        return null;
    }

    [Fact]
    public async Task Who_goes_on_is_kept_out_everywhere_and_let_in_again_by_hand_and_nobody_else_is()
    {
        var user = NewUser("again");
        for (var i = 0; i < 4; i++)
        {
            await using var hub = await EnterAsync(user);
            await hub.TrySendAsync("?" + Separator);
            Assert.Equal((int)CloseCode.BadProtocol, (await hub.ClosingAsync())?.Code);
        }
        foreach (var server in replicas.Servers)
            await Eventually.TrueAsync(async () => await RawHub.TryConnectAsync(server, replicas.Token(user)) == HttpStatusCode.TooManyRequests);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await RestAsync(user)).StatusCode);
        // The same address, another user.
        Assert.Null(await RawHub.TryConnectAsync(Server, replicas.Token(NewUser("neighbour"))));

        using var http = new HttpClient { BaseAddress = replicas.Servers[1] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token(NewUser("op"), new Grants(Admin: true)));
        var kept = Assert.Single((await http.GetFromJsonAsync<List<QuarantineInfo>>("/api/quarantines"))!, one => one.Key == user);
        Assert.Equal((QuarantineKind.User, 1, TimeSpan.FromMinutes(5)), (kept.Kind, kept.Times, kept.Until - kept.Since));
        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"/api/quarantines/user/{user}")).StatusCode);
        foreach (var server in replicas.Servers)
            await Eventually.TrueAsync(async () => await RawHub.TryConnectAsync(server, replicas.Token(user)) is null);
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync($"/api/quarantines/user/{user}")).StatusCode);
    }

    async Task<HttpResponseMessage> RestAsync(string user)
    {
        using var http = new HttpClient { BaseAddress = Server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token(user));
        return await http.GetAsync("/api/me");
    }

    [Fact]
    public async Task Tokens_that_are_not_valid_cost_their_address_and_not_those_who_share_it()
    {
        replicas.Change("Limits:StrangersPerMinute", "10");
        try
        {
            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = static async (context, cancellation) =>
                {
                    var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(IPAddress.Parse("127.5.0.1"), 0));
                    await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            };
            using var http = new HttpClient(handler) { BaseAddress = Server };
            var statuses = new List<HttpStatusCode>();
            for (var i = 0; i < 130; i++)
            {
                using var response = await SendAsync(http, "nonsense");
                statuses.Add(response.StatusCode);
            }
            Assert.InRange(statuses.Count(static status => status == HttpStatusCode.Unauthorized), 10, 20);
            Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
            using var kept = await SendAsync(http, "nonsense");
            Assert.InRange(kept.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
            using var neighbour = await SendAsync(http, replicas.Token("neighbour"));
            Assert.Equal(HttpStatusCode.OK, neighbour.StatusCode);
        }
        finally
        {
            replicas.Change("Limits:StrangersPerMinute", "6000");
        }

        static Task<HttpResponseMessage> SendAsync(HttpClient http, string token)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return http.SendAsync(request);
        }
    }
}
