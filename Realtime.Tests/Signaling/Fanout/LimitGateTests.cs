using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>One limit over two nodes: together with Redis, by shares without, whatever is wrong with it.</summary>
public sealed class LimitGateTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly TwoReplicas _replicas = new();

    public async ValueTask InitializeAsync()
    {
        await _replicas.InitializeAsync();
        await Eventually.TrueAsync(() => Enumerable.Range(0, 2).All(i => _replicas.Service<ReplicaStore>(i).Live == 2), Patience);
    }

    public ValueTask DisposeAsync() => _replicas.DisposeAsync();

    /// <summary>How many calls pass, taken at the nodes in turn. Kicks come back one a minute: too slowly to matter.</summary>
    async Task<int> PassAsync(string user, int calls, params int[] nodes)
    {
        var passed = 0;
        for (var i = 0; i < calls; i++)
            passed += await _replicas.Service<LimitGate>(nodes[i % nodes.Length]).TryAdmitAsync(LimitName.Kicks, user) is null ? 1 : 0;
        return passed;
    }

    [Fact]
    [Trait("Tier", "EndToEnd")]
    public async Task Two_nodes_count_together_and_without_redis_each_allows_its_share()
    {
        Assert.Equal(5, await PassAsync("together", 20, 0, 1));
        Assert.Equal(5, await PassAsync("one after the other", 10, 0) + await PassAsync("one after the other", 10, 1));
        var wait = await _replicas.Service<LimitGate>(1).TryAdmitAsync(LimitName.Kicks, "together");
        Assert.InRange(wait!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

        // It answers nothing: one call a second waits for it, at most 100 ms, and the shares hold at once.
        _replicas.Redis.Freeze();
        var unanswered = _replicas.Service<RedisLimits>(0).Unanswered;
        Assert.Equal(2, await PassAsync("frozen", 10, 0));
        Assert.Equal(2, await PassAsync("frozen", 10, 1));
        Assert.InRange(_replicas.Service<RedisLimits>(0).Unanswered - unanswered, 1, 3);
        _replicas.Redis.Thaw();

        await _replicas.Redis.KillAsync();
        await Eventually.TrueAsync(() => _replicas.Service<RedisNews>(0).IsAway && _replicas.Service<RedisNews>(1).IsAway, Patience);
        Assert.Equal(2, await PassAsync("dead", 10, 0));
        Assert.Equal(2, await PassAsync("dead", 10, 1));

        await _replicas.Redis.RestartAsync();
        await Eventually.TrueAsync(() => !_replicas.Service<RedisNews>(0).IsAway && !_replicas.Service<RedisNews>(1).IsAway, Patience);
        Assert.Equal(5, await PassAsync("back", 20, 0, 1));
    }
}
