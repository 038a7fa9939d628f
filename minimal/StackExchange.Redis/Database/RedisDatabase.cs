using System.Globalization;
using StackExchange.Redis.Resp;

namespace StackExchange.Redis.Database;

/// <summary>Turns each call into one command and its answer into the call's result.</summary>
internal sealed partial class RedisDatabase(ConnectionMultiplexer multiplexer, int database) : IDatabase
{
    public IConnectionMultiplexer Multiplexer => multiplexer;

    public int Database => database;

    public async Task<TimeSpan> PingAsync(CommandFlags flags)
    {
        var started = TimeProvider.System.GetTimestamp();
        await SendAsync("PING", [], flags);
        return TimeProvider.System.GetElapsedTime(started);
    }

    public Task<RedisResult> ExecuteAsync(string command, params object[] args) => ExecuteAsync(command, (ICollection<object>)args);

    public async Task<RedisResult> ExecuteAsync(string command, ICollection<object>? args, CommandFlags flags = CommandFlags.None)
    {
        // These change how answers are matched to commands on the shared connection.
        if (command.ToUpperInvariant() is "SUBSCRIBE" or "PSUBSCRIBE" or "SSUBSCRIBE" or "UNSUBSCRIBE" or "PUNSUBSCRIBE" or "SUNSUBSCRIBE" or "MONITOR" or "HELLO" or "RESET" or "QUIT")
            throw new RedisException($"{command} cannot be executed on a shared connection.");
        return new RedisResult(await SendAsync(command, [.. (args ?? []).Select(ToArgument)], flags));
    }

    public async Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags)
    {
        if (channel.IsPattern)
            throw new ArgumentException("Only a literal channel can be published to.", nameof(channel));
        return Integer(await SendAsync("PUBLISH", [channel.AsArgument(), message], flags));
    }

    public async Task<bool> KeyDeleteAsync(RedisKey key, CommandFlags flags) => (await SendAsync("DEL", [key.AsArgument()], flags)).AsBoolean();

    public async Task<long> KeyDeleteAsync(RedisKey[] keys, CommandFlags flags) => keys.Length == 0 ? 0
        : Integer(await SendAsync("DEL", Array.ConvertAll(keys, key => key.AsArgument()), flags));

    public async Task<bool> KeyExistsAsync(RedisKey key, CommandFlags flags) => (await SendAsync("EXISTS", [key.AsArgument()], flags)).AsBoolean();

    public async Task<bool> KeyExpireAsync(RedisKey key, TimeSpan? expiry, ExpireWhen when, CommandFlags flags)
    {
        if (expiry is null)
            return (await SendAsync("PERSIST", [key.AsArgument()], flags)).AsBoolean();
        RedisValue[] condition = when switch
        {
            ExpireWhen.Always => [],
            ExpireWhen.HasNoExpiry => ["NX"],
            ExpireWhen.HasExpiry => ["XX"],
            ExpireWhen.GreaterThanCurrentExpiry => ["GT"],
            _ => ["LT"],
        };
        return (await SendAsync("PEXPIRE", [key.AsArgument(), Milliseconds(expiry.Value), .. condition], flags)).AsBoolean();
    }

    public async Task<RedisValue> StringGetAsync(RedisKey key, CommandFlags flags) => (await SendAsync("GET", [key.AsArgument()], flags)).AsRedisValue();

    public async Task<RedisValue[]> StringGetAsync(RedisKey[] keys, CommandFlags flags) => keys.Length == 0 ? []
        : (await SendAsync("MGET", Array.ConvertAll(keys, key => key.AsArgument()), flags)).AsRedisValues();

    public Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, When when, CommandFlags flags) =>
        StringSetAsync(key, value, expiry, keepTtl: false, when, flags);

    public async Task<bool> StringSetAsync(RedisKey key, RedisValue value, TimeSpan? expiry, bool keepTtl, When when, CommandFlags flags)
    {
        // As the real package: setting null deletes.
        if (value.IsNull)
            return await KeyDeleteAsync(key, flags);
        List<RedisValue> arguments = [key.AsArgument(), value];
        if (expiry is { } time)
            arguments.AddRange(["PX", Milliseconds(time)]);
        else if (keepTtl)
            arguments.Add("KEEPTTL");
        if (when != When.Always)
            arguments.Add(when == When.Exists ? "XX" : "NX");
        return (await SendAsync("SET", [.. arguments], flags)).AsBoolean();
    }

    public async Task<long> StringIncrementAsync(RedisKey key, long value, CommandFlags flags) =>
        Integer(await SendAsync("INCRBY", [key.AsArgument(), value], flags));

    Task<RespValue> SendAsync(string name, RedisValue[] arguments, CommandFlags flags) => multiplexer.SendAsync(name, arguments, flags);

    // A fire-and-forget call has a null answer.
    static long Integer(RespValue reply) => reply.IsNull ? 0 : reply.AsInt64();

    static long Milliseconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalMilliseconds));

    static RedisValue ToArgument(object argument) => argument switch
    {
        RedisValue value => value,
        RedisKey key => key.AsArgument(),
        RedisChannel channel => channel.AsArgument(),
        string text => text,
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> bytes => bytes,
        bool flag => flag,
        int number => number,
        long number => number,
        double number => number,
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"A {argument.GetType().Name} cannot be an argument.", nameof(argument)),
    };
}
