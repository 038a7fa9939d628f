using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>A newer token on a live connection.</summary>
[Collection(GuardCollection.Name)]
public sealed class RefreshTests(TwoReplicas replicas)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static Task<RefreshTokenResult> RefreshAsync(HubClient client, string? token) => client.InvokeAsync<RefreshTokenResult>("RefreshToken", new RefreshTokenRequest(token));

    async Task<HubClient> EnterAsync(string token, params string[] channels)
    {
        var client = await HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[0], token));
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        foreach (var channel in channels)
            await client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));
        return client;
    }

    [Fact]
    public async Task A_connection_outlives_its_first_token()
    {
        var user = $"u{Guid.NewGuid():N}";
        await using var client = await EnterAsync(replicas.Token(user, ttl: "00:00:03"));
        var refreshed = await RefreshAsync(client, replicas.Token(user, ttl: "01:00:00"));
        Assert.InRange(refreshed.Expires - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        await using var without = await EnterAsync(replicas.Token(user, ttl: "00:00:03"));
        Assert.Equal(CloseCode.Expired, (await without.Closed.WaitAsync(Patience)).Code);
        await client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("general"));
    }

    [Fact]
    public async Task What_the_newer_token_does_not_grant_is_left_and_told()
    {
        var (user, kept, lost) = ($"u{Guid.NewGuid():N}", $"kept{Guid.NewGuid():N}", $"lost{Guid.NewGuid():N}");
        await using var client = await EnterAsync(replicas.Token(user), kept, lost);
        await using var other = await EnterAsync(replicas.Token("other"), kept, lost);
        await RefreshAsync(client, replicas.Token(user, new Grants(Channels: ["kept*"])));
        Assert.Equal(lost, (await NextAsync(client, HubEvent.AccessLost)).Read<AccessLostEvent>().Channel);
        foreach (var channel in new[] { lost, kept })
            await other.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, Guid.NewGuid().ToString(), "hello"));
        Assert.Equal(kept, (await NextAsync(client, HubEvent.MessageCreated)).Read<Message>().Channel);
        var refused = await Assert.ThrowsAsync<HubCallException>(() => client.InvokeAsync<List<Message>>("History", new HistoryRequest(lost)));
        Assert.Equal(ErrorCode.Forbidden, refused.Error.Code);
    }

    [Fact]
    public async Task Nobody_becomes_somebody_else_and_no_bad_token_changes_anything()
    {
        var user = $"u{Guid.NewGuid():N}";
        await using var client = await EnterAsync(replicas.Token(user));
        Assert.Equal(ErrorCode.Forbidden, (await Assert.ThrowsAsync<HubCallException>(() => RefreshAsync(client, replicas.Token("root", new Grants(Admin: true))))).Error.Code);
        foreach (var bad in new[] { null, "", "nonsense", replicas.Token(user)[..^2] })
            Assert.Equal(ErrorCode.Unauthenticated, (await Assert.ThrowsAsync<HubCallException>(() => RefreshAsync(client, bad))).Error.Code);
        await client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("general"));
    }

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
}
