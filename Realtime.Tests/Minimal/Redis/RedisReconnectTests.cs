using System.Collections.Concurrent;
using System.Threading.Channels;
using Realtime.Tests.Harness;
using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

/// <summary>Servers that die, freeze, refuse or talk nonsense.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class RedisReconnectTests
{
    [Fact]
    public async Task KilledServer_FailsWhatWasSent_AndComesBackWithItsSubscriptions()
    {
        await using var server = await RedisServer.StartAsync(password: "s3cret");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Options(server));
        var events = new ConcurrentQueue<string>();
        redis.ConnectionFailed += (_, _) => events.Enqueue("failed");
        redis.ConnectionRestored += (_, _) => events.Enqueue("restored");
        var received = Channel.CreateBounded<string>(16);
        await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, message) => received.Writer.TryWrite(message!));
        await redis.GetDatabase().StringSetAsync("kept", 1);

        // BLPOP keeps a command in flight for as long as it takes.
        var inFlight = redis.GetDatabase().ExecuteAsync("BLPOP", "never", 0);
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("other"), "x", CommandFlags.FireAndForget);
        await Eventually.TrueAsync(async () =>
        {
            await using var observer = await ConnectionMultiplexer.ConnectAsync(Options(server));
            return ((string?)await observer.GetDatabase().ExecuteAsync("INFO", "clients"))!.Contains("blocked_clients:1", StringComparison.Ordinal);
        });
        await server.KillAsync();

        var failure = await Assert.ThrowsAsync<RedisConnectionException>(() => inFlight);
        Assert.Equal(CommandStatus.Sent, failure.CommandStatus);
        await Eventually.TrueAsync(() => !redis.IsConnected);
        await server.RestartAsync();

        // Waits in the backlog until the connection is back.
        Assert.Equal(1, await redis.GetDatabase().StringGetAsync("kept"));
        Assert.Equal(1, await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), "after"));
        Assert.Equal("after", await received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(redis.IsConnected);
        Assert.Equal("failed", events.First());
        Assert.Equal("restored", events.Last());
    }

    [Fact]
    public async Task FailFast_RefusesAtOnceWhileAway()
    {
        await using var server = await RedisServer.StartAsync();
        var options = Options(server);
        options.BacklogPolicy = BacklogPolicy.FailFast;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        await server.KillAsync();
        await Eventually.TrueAsync(() => !redis.IsConnected);
        await Assert.ThrowsAsync<RedisConnectionException>(() => redis.GetDatabase().PingAsync());
        // A subscription made meanwhile fails now and is there later.
        var received = new TaskCompletionSource<string>();
        await Assert.ThrowsAsync<RedisConnectionException>(() =>
            redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("late"), (_, message) => received.TrySetResult(message!)));
        await server.RestartAsync();
        await Eventually.TrueAsync(() => redis.IsConnected);
        Assert.Equal(1, await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("late"), "hello"));
        Assert.Equal("hello", await received.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task FrozenServer_TimesOut_AndTheDeadConnectionIsReplaced()
    {
        await using var server = await RedisServer.StartAsync();
        var options = Options(server);
        options.AsyncTimeout = 300;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var failed = new TaskCompletionSource<ConnectionFailedEventArgs>();
        redis.ConnectionFailed += (_, e) => failed.TrySetResult(e);
        server.Freeze();
        var timeout = await Assert.ThrowsAsync<RedisTimeoutException>(() => redis.GetDatabase().PingAsync());
        Assert.Equal(CommandStatus.Sent, timeout.CommandStatus);
        Assert.Equal(ConnectionFailureType.SocketFailure, (await failed.Task.WaitAsync(TimeSpan.FromSeconds(10))).FailureType);
        server.Thaw();
        await Eventually.TrueAsync(() => redis.IsConnected);
        await redis.GetDatabase().PingAsync();
    }

    [Fact]
    public async Task FullQueue_RefusesInsteadOfGrowing()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Options(server));
        await redis.GetDatabase().PingAsync();
        server.Freeze();
        var calls = Enumerable.Range(0, 10_000).Select(i => redis.GetDatabase().StringSetAsync($"k{i}", i)).ToArray();
        Assert.Equal(10_000 - 8192, calls.Count(call => call.IsFaulted && call.Exception.InnerException is RedisConnectionException));
        server.Thaw();
        await Task.WhenAll(calls.Where(call => !call.IsFaulted));
        Assert.True(await redis.GetDatabase().KeyExistsAsync("k8191"));
        Assert.False(await redis.GetDatabase().KeyExistsAsync("k8192"));
    }

    [Fact]
    public async Task WrongPassword_IsReportedAsSuch()
    {
        await using var server = await RedisServer.StartAsync(password: "right");
        var options = Options(server);
        options.Password = "wrong";
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        var failure = await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(options));
        Assert.Equal(ConnectionFailureType.AuthenticationFailure, failure.FailureType);
        Assert.DoesNotContain("wrong", failure.ToString());
    }

    [Fact]
    public async Task ServerAwayAtTheStart_IsWaitedFor()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Options(server));
        Assert.False(redis.IsConnected);
        await server.RestartAsync();
        await redis.GetDatabase().PingAsync();
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("%1\r\n+server\r\n+redis\r\n*99999999\r\n")]
    [InlineData("%1\r\n+server\r\n+redis\r\n:1\r\n:2\r\n")]
    public async Task Nonsense_ResetsTheConnectionAndNothingElse(string nonsense)
    {
        await using var peer = new ScriptedServer(nonsense);
        var options = new ConfigurationOptions { EndPoints = { { "127.0.0.1", peer.Port } }, AbortOnConnectFail = false, ReconnectRetryPolicy = new LinearRetry(10), HeartbeatInterval = TimeSpan.FromMilliseconds(10) };
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var failures = Channel.CreateBounded<ConnectionFailureType>(64);
        redis.ConnectionFailed += (_, e) => failures.Writer.TryWrite(e.FailureType);
        for (var i = 0; i < 3; i++)
            Assert.Equal(ConnectionFailureType.ProtocolFailure, await failures.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(peer.Connections >= 3);
    }

    [Fact]
    public async Task Dispose_FailsWhatWaits_AndEndsTheConnection()
    {
        await using var server = await RedisServer.StartAsync();
        await using var observer = await ConnectionMultiplexer.ConnectAsync(Options(server));
        var redis = await ConnectionMultiplexer.ConnectAsync(Options(server));
        var queue = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("x"));
        var waiting = redis.GetDatabase().ExecuteAsync("BLPOP", "never", 0);
        await redis.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => redis.GetDatabase().PingAsync());
        await queue.Completion.WaitAsync(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(async () => ((string?)await observer.GetDatabase().ExecuteAsync("CLIENT", "LIST"))!.Trim().Split('\n').Length == 1);
    }

    static ConfigurationOptions Options(RedisServer server)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(20);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(20);
        return options;
    }
}
