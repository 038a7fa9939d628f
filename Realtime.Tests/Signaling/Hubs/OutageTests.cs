using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Sessions;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Redis dies and comes back, then a replica stops, while people chat: nothing acknowledged is lost, nothing doubled, one order for all.</summary>
public sealed class OutageTests
{
    const int Clients = 8;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("Tier", "EndToEnd")]
    public async Task Chat_goes_on_without_redis_and_without_a_replica()
    {
        var replicas = new TwoReplicas();
        await replicas.InitializeAsync();
        await using var _ = replicas;
        var history = new History();
        var clients = Enumerable.Range(0, Clients).Select(i => new ChatClient(new ChatClientOptions($"u{i}", replicas.Servers, replicas.Token($"u{i}")) { History = history, FirstServer = i % 2, Seed = i })).ToList();
        try
        {
            await Task.WhenAll(clients.Select(static client => client.JoinAsync("c"))).WaitAsync(Patience);
            await SendAsync(clients, "before");

            await replicas.Redis.KillAsync();
            await SendAsync(clients, "without redis");
            await Eventually.TrueAsync(() => replicas.Service<ModeMonitor>(1).State.Reasons is ["redis"], Patience);
            await SendAsync(clients, "known to be without");
            await replicas.Redis.RestartAsync();
            await Eventually.TrueAsync(() => replicas.Service<RedisNews>(1).Circuit.State == CircuitState.Closed && replicas.Service<ModeMonitor>(1).State.Reasons.Count == 0, Patience);

            var sends = SendAsync(clients, "while one stops");
            await replicas.StopAsync(0);
            await sends;
            var last = Clients * 4;
            await Eventually.TrueAsync(() => clients.All(client => client.PositionIn("c") == last), Patience);
            Assert.Empty(HistoryChecker.Check(history.Observations));
            Assert.Contains(clients, static client => client.Resumptions > 0);
            Assert.DoesNotContain(history.Observations, static seen => seen is Observation.SawLeave);
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    static Task SendAsync(List<ChatClient> clients, string text) => Task.WhenAll(clients.Select(client => client.SendAsync("c", text))).WaitAsync(Patience);
}
