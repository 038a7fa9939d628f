using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Sessions;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Auth;

/// <summary>Design §5, the last row by auth: the issuer and Redis away. Who is in stays in and comes back in, nobody new does, and it ends by itself.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class EmergencyTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly IssuedReplicas _replicas = new();

    public ValueTask InitializeAsync() => _replicas.InitializeAsync();

    public ValueTask DisposeAsync() => _replicas.DisposeAsync();

    async Task<(HubClient Client, HelloResult Hello)> EnterAsync(string user, int replica, string? resume = null)
    {
        var client = await HubClient.ConnectAsync(new HubClientOptions(_replicas.Servers[replica], _replicas.Issuer.Rs256(_replicas.Issuer.Claims(user))));
        return (client, await client.InvokeAsync<HelloResult>("Hello", new HelloRequest(resume)));
    }

    Task ModeAsync(string mode) => Eventually.TrueAsync(() => Enumerable.Range(0, 2).All(i => _replicas.Service<ModeMonitor>(i).State.Mode == mode), Patience);

    [Fact]
    public async Task The_issuer_and_redis_away_lets_in_only_who_was_here()
    {
        var (ann, hello) = await EnterAsync("ann", 0);
        await ann.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("general"));
        await _replicas.Issuer.KillAsync();
        // As its loop would find out within half a minute.
        foreach (var circuit in Enumerable.Range(0, 2).Select(i => _replicas.Service<AuthCircuit>(i).Circuit))
        {
            for (var i = 0; i < 5; i++)
            {
                if (circuit.TryEnter(out var ticket))
                    circuit.Failure(ticket, nameof(HttpRequestException));
            }
        }
        await ModeAsync("degraded");
        await _replicas.Redis.KillAsync();
        await ModeAsync("emergency");

        await ann.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("general", "m1", "still here"));
        var refused = await Assert.ThrowsAsync<HubCallException>(() => EnterAsync("new", 1));
        Assert.Equal((ErrorCode.Degraded, "emergency"), (refused.Error.Code, refused.Error.Scope));
        Assert.InRange(refused.Error.RetryAfterMs ?? 0, 5_000, 30_000);
        ann.Abort();
        (ann, var back) = await EnterAsync("ann", 1, hello.ResumeToken);
        Assert.Equal((hello.Session, "emergency"), (back.Session, back.Mode));

        await _replicas.Issuer.StartAsync();
        await _replicas.Redis.RestartAsync();
        foreach (var i in new[] { 0, 1 })
            _replicas.Service<AuthCircuit>(i).Circuit.Reset();
        await ModeAsync("normal");
        var (late, _) = await EnterAsync("late", 0);
        await late.DisposeAsync();
        await ann.DisposeAsync();
    }
}
