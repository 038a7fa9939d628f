using Realtime.Tests.Harness;
using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

[Trait("Tier", "EndToEnd")]
public sealed class RedisPubSubTests : IAsyncLifetime
{
    static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    RedisServer _server = null!;
    ConnectionMultiplexer _redis = null!;
    ConnectionMultiplexer _other = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
        _other = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task MessagesArriveInOrder_WhileCommandsRunOnTheSameConnection()
    {
        const int Count = 20_000;
        var seen = new List<int>(Count);
        var done = new TaskCompletionSource();
        await _redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("numbers"), (channel, message) =>
        {
            seen.Add((int)message);
            if (seen.Count == Count)
                done.SetResult();
        });
        var reading = Enumerable.Range(0, 2000).Select(i => _redis.GetDatabase().StringIncrementAsync("own")).ToArray();
        foreach (var batch in Enumerable.Range(0, Count).Chunk(5000))
            await Task.WhenAll(batch.Select(i => _other.GetSubscriber().PublishAsync(RedisChannel.Literal("numbers"), i)));
        await done.Task.WaitAsync(s_timeout);
        Assert.Equal(Enumerable.Range(0, Count), seen);
        Assert.Equal(Enumerable.Range(1, 2000).Select(i => (long)i), await Task.WhenAll(reading));
    }

    [Fact]
    public async Task AThrowingHandlerCostsThatMessageOnly()
    {
        var errors = 0;
        _redis.InternalError += (_, e) => Interlocked.Add(ref errors, e.Exception is FormatException ? 1 : 100);
        var done = new TaskCompletionSource<int>();
        await _redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("c"), (_, message) => done.TrySetResult(int.Parse(message!)));
        await _other.GetSubscriber().PublishAsync(RedisChannel.Literal("c"), "no number");
        await _other.GetSubscriber().PublishAsync(RedisChannel.Literal("c"), 7);
        Assert.Equal(7, await done.Task.WaitAsync(s_timeout));
        Assert.Equal(1, errors);
    }

    [Fact]
    public async Task PatternsQueuesAndTakingBack()
    {
        var subscriber = _redis.GetSubscriber();
        var publisher = _other.GetSubscriber();
        var pattern = await subscriber.SubscribeAsync(RedisChannel.Pattern("room:*"));
        var literal = await subscriber.SubscribeAsync(RedisChannel.Literal("room:1"));
        Assert.Equal(2, await publisher.PublishAsync(RedisChannel.Literal("room:1"), "x"));
        Assert.Equal(1, await publisher.PublishAsync(RedisChannel.Literal("room:2"), "y"));

        Assert.Equal(("room:1", "x"), Of(await literal.ReadAsync().AsTask().WaitAsync(s_timeout)));
        var first = await pattern.ReadAsync().AsTask().WaitAsync(s_timeout);
        Assert.Equal(RedisChannel.Pattern("room:*"), first.SubscriptionChannel);
        Assert.Equal(("room:1", "x"), Of(first));
        Assert.Equal(("room:2", "y"), Of(await pattern.ReadAsync().AsTask().WaitAsync(s_timeout)));

        await literal.UnsubscribeAsync();
        await literal.Completion.WaitAsync(s_timeout);
        Assert.Equal(1, await publisher.PublishAsync(RedisChannel.Literal("room:1"), "z"));
        await subscriber.UnsubscribeAllAsync();
        Assert.Equal(0, await publisher.PublishAsync(RedisChannel.Literal("room:1"), "z"));
    }

    [Fact]
    public async Task TwoHandlersShareASubscriptionAndLeaveOneByOne()
    {
        var subscriber = _redis.GetSubscriber();
        var channel = RedisChannel.Literal("shared");
        int first = 0, second = 0;
        void First(RedisChannel c, RedisValue m) => first++;
        void Second(RedisChannel c, RedisValue m) => second++;
        await subscriber.SubscribeAsync(channel, First);
        await subscriber.SubscribeAsync(channel, Second);
        Assert.Equal(1, await _other.GetSubscriber().PublishAsync(channel, 1));
        await Eventually.TrueAsync(() => second == 1);
        await subscriber.UnsubscribeAsync(channel, First);
        Assert.Equal(1, await _other.GetSubscriber().PublishAsync(channel, 2));
        await Eventually.TrueAsync(() => second == 2);
        Assert.Equal(1, first);
        await subscriber.UnsubscribeAsync(channel, Second);
        Assert.Equal(0, await _other.GetSubscriber().PublishAsync(channel, 3));
    }

    [Fact]
    public async Task ManyAtOnceSubscribeAndUnsubscribe()
    {
        var subscriber = _redis.GetSubscriber();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => subscriber.SubscribeAsync(RedisChannel.Literal($"many:{i}"), (_, _) => { })));
        Assert.Equal(500, ((string[])(await _other.GetDatabase().ExecuteAsync("PUBSUB", "CHANNELS", "many:*"))!).Length);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => subscriber.UnsubscribeAsync(RedisChannel.Literal($"many:{i}"))));
        Assert.Empty((string[])(await _other.GetDatabase().ExecuteAsync("PUBSUB", "CHANNELS", "many:*"))!);
    }

    static (string?, string?) Of(ChannelMessage message) => (message.Channel, message.Message);
}
