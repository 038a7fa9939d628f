using Realtime.Tests.Harness;
using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

/// <summary>Every command that is called, against a real server.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class RedisCommandTests : IAsyncLifetime
{
    RedisServer _server = null!;
    ConnectionMultiplexer _redis = null!;

    IDatabase Db => _redis.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync(password: "s3cret");
        _redis = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString + ",name=tests");
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Strings()
    {
        Assert.True(await Db.PingAsync() >= TimeSpan.Zero);
        Assert.True((await Db.StringGetAsync("absent")).IsNull);
        Assert.True(await Db.StringSetAsync("a", "é", TimeSpan.FromMinutes(1)));
        Assert.Equal("é", await Db.StringGetAsync("a"));
        Assert.False(await Db.StringSetAsync("a", 1, null, When.NotExists));
        Assert.True(await Db.StringSetAsync("a", new byte[] { 0, 1, 255 }, null, When.Exists));
        Assert.Equal(new byte[] { 0, 1, 255 }, (byte[]?)await Db.StringGetAsync("a"));
        Assert.Equal(5, await Db.StringIncrementAsync("n", 5));
        Assert.Equal(4, await Db.StringIncrementAsync("n", -1));
        Assert.Equal([4, RedisValue.Null], await Db.StringGetAsync(["n", "absent"]));
        Assert.True(await Db.KeyExistsAsync("n"));
        Assert.True(await Db.KeyExpireAsync("n", TimeSpan.FromMilliseconds(1)));
        await Eventually.TrueAsync(async () => !await Db.KeyExistsAsync("n"));
        Assert.True(await Db.KeyDeleteAsync("a"));
        Assert.Equal(0, await Db.KeyDeleteAsync(["a", "n"]));
    }

    [Fact]
    public async Task Collections()
    {
        await Db.HashSetAsync("h", [new HashEntry("f", 1), new HashEntry("g", "two")]);
        Assert.True(await Db.HashSetAsync("h", "i", true));
        Assert.False(await Db.HashSetAsync("h", "i", 0, When.NotExists));
        Assert.Equal(1, await Db.HashGetAsync("h", "i"));
        Assert.Equal([new("f", 1), new("g", "two"), new("i", 1)], (await Db.HashGetAllAsync("h")).OrderBy(entry => entry.Name.ToString()));
        Assert.True(await Db.HashDeleteAsync("h", "f"));
        Assert.Equal(2, await Db.HashDeleteAsync("h", ["g", "i", "x"]));
        Assert.Empty(await Db.HashGetAllAsync("h"));

        Assert.True(await Db.SetAddAsync("s", "a"));
        Assert.Equal(2, await Db.SetAddAsync("s", ["a", "b", "c"]));
        Assert.True(await Db.SetRemoveAsync("s", "a"));
        Assert.Equal(["b", "c"], (await Db.SetMembersAsync("s")).Select(value => value.ToString()).Order());

        foreach (var (member, score) in new[] { ("a", 1.5), ("b", 2), ("c", 3) })
            Assert.True(await Db.SortedSetAddAsync("z", member, score));
        Assert.False(await Db.SortedSetAddAsync("z", "a", 9, SortedSetWhen.NotExists));
        Assert.Equal(["b", "c"], await Db.SortedSetRangeByScoreAsync("z", 1.5, exclude: Exclude.Start));
        Assert.Equal(["c", "b"], await Db.SortedSetRangeByScoreAsync("z", order: Order.Descending, take: 2));
        Assert.True(await Db.SortedSetRemoveAsync("z", "b"));
    }

    [Fact]
    public async Task ScriptsAreSentOnceAndAgainAfterAFlush()
    {
        const string Script = "return {KEYS[1], ARGV[1], tonumber(ARGV[2]), {ok='fine'}}";
        for (var round = 0; round < 2; round++)
        {
            for (var call = 0; call < 3; call++)
            {
                var result = (RedisResult[])(await Db.ScriptEvaluateAsync(Script, ["k"], ["v", 7]))!;
                Assert.Equal(("k", "v", 7L, "fine"), ((string?)result[0], (string?)result[1], (long)result[2], (string?)result[3]));
            }
            await Db.ExecuteAsync("SCRIPT", "FLUSH");
        }
        var info = (string?)await Db.ExecuteAsync("INFO", "commandstats");
        Assert.Contains("cmdstat_eval:calls=2,", info);
        Assert.Contains("cmdstat_evalsha:calls=6,", info);
    }

    [Fact]
    public async Task AServerErrorIsThatCallsAlone()
    {
        await Db.StringSetAsync("text", "x");
        var error = await Assert.ThrowsAsync<RedisServerException>(() => Db.StringIncrementAsync("text"));
        Assert.StartsWith("ERR value is not an integer", error.Message);
        await Assert.ThrowsAsync<RedisServerException>(() => Db.ScriptEvaluateAsync("return redis.error_reply('MINE no')"));
        await Assert.ThrowsAsync<RedisException>(() => Db.ExecuteAsync("SUBSCRIBE", "x"));
        Assert.Equal("x", await Db.StringGetAsync("text"));
        Assert.Equal("tests", (string?)await Db.ExecuteAsync("CLIENT", "GETNAME"));
    }

    [Fact]
    public async Task ThousandsOfCommandsInFlightGetTheirOwnAnswers()
    {
        var big = new byte[300_000];
        new Random(1).NextBytes(big);
        await Db.StringSetAsync("big", big);
        var calls = Enumerable.Range(0, 4000).Select(i => Db.ScriptEvaluateAsync("return ARGV[1]", null, [i])).ToArray();
        var bigs = Enumerable.Range(0, 20).Select(_ => Db.StringGetAsync("big")).ToArray();
        Assert.Equal(Enumerable.Range(0, 4000), (await Task.WhenAll(calls)).Select(result => (int)result));
        Assert.All(await Task.WhenAll(bigs), value => Assert.Equal(big, (byte[]?)value));
    }

    [Fact]
    public async Task FireAndForgetAnswersAtOnceAndStillRuns()
    {
        Assert.Equal(0, await Db.StringIncrementAsync("fire", 1, CommandFlags.FireAndForget));
        Assert.Equal(2, await Db.StringIncrementAsync("fire"));
    }
}
