using System.Net.Sockets;
using System.Text;
using Realtime.Contracts;
using Realtime.Signaling.Fanout;
using Realtime.Tests.Harness;
using Xunit;
using static Realtime.Tests.Signaling.Hubs.PeopleClient;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>People while Redis is emptied and while it is away.</summary>
public sealed class PeopleOutageTests
{
    [Fact]
    [Trait("Tier", "EndToEnd")]
    public async Task Friends_and_presence_outlive_redis()
    {
        var replicas = new TwoReplicas();
        await replicas.InitializeAsync();
        await using var _ = replicas;
        var (ann, bob, cat) = (NewUser("ann"), NewUser("bob"), NewUser("cat"));
        await using var one = await replicas.EnterAsync(ann, 0, "c");
        await using var other = await replicas.EnterAsync(bob, 1, "c");
        await BefriendAsync(one, ann, other, bob);

        await CommandAsync(replicas.Redis, "FLUSHALL");
        await CommandAsync(replicas.Redis, "CLIENT", "KILL", "TYPE", "pubsub");
        await one.SetPresenceAsync(PresenceStatus.Idle);
        await other.PresenceAsync(ann, PresenceStatus.Idle);

        await replicas.Redis.KillAsync();
        await Eventually.TrueAsync(() => replicas.Service<RedisNews>(0).IsAway && replicas.Service<RedisNews>(1).IsAway, TimeSpan.FromSeconds(60));
        // What is in Postgres arrives all the same.
        await one.SetPresenceAsync(PresenceStatus.DoNotDisturb);
        await other.PresenceAsync(ann, PresenceStatus.DoNotDisturb);
        await one.StepAsync("RemoveFriend", bob);
        await other.NextAsync<FriendEvent>(HubEvent.Friend, told => told.User == ann && told.State == FriendState.None);
        await using var third = await replicas.EnterAsync(cat, 1, "c");
        await one.PresenceAsync(cat, PresenceStatus.Online);
        await third.CloseAsync();
        await one.PresenceAsync(cat, PresenceStatus.Offline);
        // Typing is told on the same replica alone, and is not refused.
        await using var near = await replicas.EnterAsync(NewUser("near"), 0, "c");
        await one.InvokeAsync<Done>("Typing", new TypingRequest("c"));
        await near.NextAsync<TypingEvent>(HubEvent.Typing, told => told.User == ann);
        Assert.DoesNotContain(other.Drain(), static told => told.Name == HubEvent.Typing);

        await replicas.Redis.RestartAsync();
        await Eventually.TrueAsync(() => !replicas.Service<RedisNews>(0).IsAway && !replicas.Service<RedisNews>(1).IsAway, TimeSpan.FromSeconds(60));
        await one.SetPresenceAsync(PresenceStatus.Online);
        await other.PresenceAsync(ann, PresenceStatus.Online);
        var friends = other.Drain().Where(static told => told.Name == HubEvent.Friend);
        Assert.Empty(friends);
    }

    static async Task CommandAsync(RedisServer redis, params string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", redis.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join(' ', words) + "\r\n"));
        Assert.NotEqual(0, await stream.ReadAsync(new byte[64]));
    }
}
