using System.Net;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Sessions;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Auth;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>The rows of design §5 with the dependencies really taken away: what works, what is refused and until when, and the recovery without a hand.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class ModeRowTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly TwoReplicas _replicas = new();
    readonly HttpClient _http = new();

    public ValueTask InitializeAsync() => _replicas.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _replicas.DisposeAsync();
    }

    async Task<(HubClient Client, HelloResult Hello)> EnterAsync(string user, int replica, string? resume = null)
    {
        var client = await _replicas.ConnectAsync(user, replica);
        return (client, await client.InvokeAsync<HelloResult>("Hello", new HelloRequest(resume)));
    }

    static Task<SendMessageResult> SendAsync(HubClient client, string id) => client.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("c", id, "x"));

    static async Task<ModeEvent> ModeAsync(HubClient client, string mode)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = await client.Events.ReadAsync(patience.Token);
            if (next.Name == HubEvent.Mode && next.Read<ModeEvent>() is var told && told.Mode == mode)
                return told;
        }
    }

    async Task<(string Body, string Mode)> HealthAsync(int replica)
    {
        using var response = await _http.GetAsync(new Uri(_replicas.Servers[replica], "/health"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsStringAsync(), response.Headers.GetValues("X-Realtime-Mode").Single());
    }

    Task NormalAsync() => Eventually.TrueAsync(() => Enumerable.Range(0, 2).All(i => _replicas.Service<ModeMonitor>(i).State.Mode == "normal"), Patience);

    [Fact]
    public async Task Postgres_away_then_redis_too_and_both_back()
    {
        var (ann, _) = await EnterAsync("ann", 0);
        var (bob, hello) = await EnterAsync("bob", 1);
        await ann.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("c"));
        await bob.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("c"));
        await SendAsync(ann, "before");

        await _replicas.Postgres.KillAsync();
        var degraded = await ModeAsync(ann, "degraded");
        Assert.Contains("messages", degraded.Refused);
        Assert.Contains("newSessions", degraded.Works);
        Assert.Equal(("OK", "degraded"), await HealthAsync(0));
        var refused = await Assert.ThrowsAsync<HubCallException>(() => SendAsync(ann, "meanwhile"));
        Assert.Equal(ErrorCode.Unavailable, refused.Error.Code);
        Assert.InRange(refused.Error.RetryAfterMs ?? 0, 1, 60_000);
        bob.Abort();
        (bob, var resumed) = await EnterAsync("bob", 0, hello.ResumeToken);
        Assert.Equal(hello.Session, resumed.Session);
        Assert.Equal("degraded", resumed.Mode);
        var (cid, _) = await EnterAsync("cid", 1);

        await _replicas.Redis.KillAsync();
        var emergency = await ModeAsync(ann, "emergency");
        Assert.Contains("newSessions", emergency.Refused);
        Assert.Contains("resume", emergency.Works);
        await Eventually.TrueAsync(async () => (await HealthAsync(1)).Mode == "emergency", Patience);
        await RefusedAsync(0);
        await RefusedAsync(1);
        bob.Abort();
        (bob, resumed) = await EnterAsync("bob", 1, resumed.ResumeToken);
        Assert.Equal((hello.Session, "emergency"), (resumed.Session, resumed.Mode));
        using (var login = await MintAsync())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, login.StatusCode);
            Assert.InRange(login.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(31));
        }
        Assert.All([ann, bob, cid], static client => Assert.False(client.Closed.IsCompleted));

        await _replicas.Redis.RestartAsync();
        await _replicas.Postgres.RestartAsync();
        await NormalAsync();
        Assert.False((await SendAsync(ann, "meanwhile")).Duplicate);
        Assert.True((await SendAsync(ann, "meanwhile")).Duplicate);
        var (late, _) = await EnterAsync("late", 0);
        foreach (var client in new[] { ann, bob, cid, late })
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Redis_away_people_talk_across_nodes_and_who_is_revoked_has_to_go()
    {
        var (ann, _) = await EnterAsync("ann", 0);
        var (bob, _) = await EnterAsync("bob", 1);
        await ann.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("c"));
        await bob.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("c"));
        await _replicas.Redis.KillAsync();
        Assert.Contains("presenceAcrossNodes", (await ModeAsync(bob, "degraded")).Refused);
        var sent = await SendAsync(ann, "without redis");
        using (var patience = new CancellationTokenSource(Patience))
        {
            HubEventMessage heard;
            do
                heard = await bob.Events.ReadAsync(patience.Token);
            while (heard.Name != HubEvent.MessageCreated);
            Assert.Equal(sent.Id, heard.Read<Message>().Id);
        }
        var (cid, _) = await EnterAsync("cid", 0);

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_replicas.Servers[0], "/api/users/bob/revoke"));
        request.Headers.Authorization = KeyTests.Basic(AuthOptions.DevelopmentKey, AuthOptions.DevelopmentSecret);
        using var revoked = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(CloseCode.Revoked, (await bob.Closed.WaitAsync(TimeSpan.FromSeconds(5))).Code);

        await _replicas.Redis.RestartAsync();
        await NormalAsync();
        foreach (var client in new[] { ann, bob, cid })
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_replica_that_stops_sends_everybody_elsewhere_each_at_a_moment_of_their_own_and_lets_nobody_in()
    {
        var clients = new List<(HubClient Client, HelloResult Hello)>();
        for (var i = 0; i < 8; i++)
            clients.Add(await EnterAsync($"u{i}", 0));
        var undecided = await _replicas.ConnectAsync("undecided");
        var readiness = _replicas.Service<Readiness>(0);
        readiness.BeginDrain();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await RawHub.TryConnectAsync(_replicas.Servers[0], _replicas.Token("late")));
        using (var ready = await _http.GetAsync(new Uri(_replicas.Servers[0], "/ready")))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(ErrorCode.Unavailable, (await Assert.ThrowsAsync<HubCallException>(() => undecided.InvokeAsync<HelloResult>("Hello", new HelloRequest()))).Error.Code);
        await undecided.DisposeAsync();

        var stopping = _replicas.StopAsync(0);
        var closed = await Task.WhenAll(clients.Select(static one => one.Client.Closed)).WaitAsync(Patience);
        Assert.All(closed, static one => Assert.Equal((CloseCode.Drain, true), (one.Code, one.Closing?.Reconnect)));
        Assert.Equal(8, closed.Select(static one => one.Closing!.AfterMs).Distinct().Count());
        Assert.All(closed, static one => Assert.InRange(one.Closing!.AfterMs, 1, 1000));
        for (var i = 0; i < clients.Count; i++)
        {
            var (back, hello) = await EnterAsync($"u{i}", 1, clients[i].Hello.ResumeToken);
            Assert.Equal(clients[i].Hello.Session, hello.Session);
            await back.DisposeAsync();
            await clients[i].Client.DisposeAsync();
        }
        await stopping.WaitAsync(Patience);
    }

    async Task RefusedAsync(int replica)
    {
        await using var client = await _replicas.ConnectAsync("new", replica);
        var refused = await Assert.ThrowsAsync<HubCallException>(() => client.InvokeAsync<HelloResult>("Hello", new HelloRequest()));
        Assert.Equal((ErrorCode.Degraded, "emergency"), (refused.Error.Code, refused.Error.Scope));
        Assert.InRange(refused.Error.RetryAfterMs ?? 0, 5_000, 30_000);
        var closed = await client.Closed.WaitAsync(Patience);
        Assert.Equal((CloseCode.Overloaded, refused.Error.RetryAfterMs), (closed.Code, closed.Closing?.AfterMs));
    }

    Task<HttpResponseMessage> MintAsync()
    {
        _http.DefaultRequestHeaders.Authorization = KeyTests.Basic(AuthOptions.DevelopmentKey, AuthOptions.DevelopmentSecret);
        return _http.PostAsJsonAsync(new Uri(_replicas.Servers[0], "/api/tokens"), new TokenRequest("late"));
    }
}
