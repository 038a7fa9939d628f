using System.Globalization;

namespace StackExchange.Redis.Database;

/// <summary>Hashes, sets and sorted sets.</summary>
internal sealed partial class RedisDatabase
{
    public async Task<RedisValue> HashGetAsync(RedisKey key, RedisValue hashField, CommandFlags flags) =>
        (await SendAsync("HGET", [key.AsArgument(), hashField], flags)).AsRedisValue();

    public async Task<HashEntry[]> HashGetAllAsync(RedisKey key, CommandFlags flags)
    {
        var items = (await SendAsync("HGETALL", [key.AsArgument()], flags)).AsRedisValues();
        var entries = new HashEntry[items.Length / 2];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new HashEntry(items[2 * i], items[(2 * i) + 1]);
        return entries;
    }

    public async Task HashSetAsync(RedisKey key, HashEntry[] hashFields, CommandFlags flags)
    {
        if (hashFields.Length > 0)
            await SendAsync("HSET", [key.AsArgument(), .. hashFields.SelectMany(field => new[] { field.Name, NotNull(field.Value) })], flags);
    }

    public async Task<bool> HashSetAsync(RedisKey key, RedisValue hashField, RedisValue value, When when, CommandFlags flags)
    {
        if (value.IsNull)
            return await HashDeleteAsync(key, hashField, flags);
        if (when == When.Exists)
            throw new ArgumentException("Exists is not valid in this context; the permitted values are: Always, NotExists", nameof(when));
        return (await SendAsync(when == When.NotExists ? "HSETNX" : "HSET", [key.AsArgument(), hashField, value], flags)).AsBoolean();
    }

    public async Task<bool> HashDeleteAsync(RedisKey key, RedisValue hashField, CommandFlags flags) =>
        (await SendAsync("HDEL", [key.AsArgument(), hashField], flags)).AsBoolean();

    public async Task<long> HashDeleteAsync(RedisKey key, RedisValue[] hashFields, CommandFlags flags) => hashFields.Length == 0 ? 0
        : Integer(await SendAsync("HDEL", [key.AsArgument(), .. hashFields], flags));

    public async Task<bool> SetAddAsync(RedisKey key, RedisValue value, CommandFlags flags) =>
        (await SendAsync("SADD", [key.AsArgument(), value], flags)).AsBoolean();

    public async Task<long> SetAddAsync(RedisKey key, RedisValue[] values, CommandFlags flags) => values.Length == 0 ? 0
        : Integer(await SendAsync("SADD", [key.AsArgument(), .. values], flags));

    public async Task<bool> SetRemoveAsync(RedisKey key, RedisValue value, CommandFlags flags) =>
        (await SendAsync("SREM", [key.AsArgument(), value], flags)).AsBoolean();

    public async Task<long> SetRemoveAsync(RedisKey key, RedisValue[] values, CommandFlags flags) => values.Length == 0 ? 0
        : Integer(await SendAsync("SREM", [key.AsArgument(), .. values], flags));

    public async Task<RedisValue[]> SetMembersAsync(RedisKey key, CommandFlags flags) =>
        (await SendAsync("SMEMBERS", [key.AsArgument()], flags)).AsRedisValues();

    public async Task<bool> SortedSetAddAsync(RedisKey key, RedisValue member, double score, SortedSetWhen when, CommandFlags flags)
    {
        List<RedisValue> arguments = [key.AsArgument()];
        if (when.HasFlag(SortedSetWhen.NotExists))
            arguments.Add("NX");
        if (when.HasFlag(SortedSetWhen.Exists))
            arguments.Add("XX");
        if (when.HasFlag(SortedSetWhen.GreaterThan))
            arguments.Add("GT");
        if (when.HasFlag(SortedSetWhen.LessThan))
            arguments.Add("LT");
        return (await SendAsync("ZADD", [.. arguments, score, member], flags)).AsBoolean();
    }

    public async Task<bool> SortedSetRemoveAsync(RedisKey key, RedisValue member, CommandFlags flags) =>
        (await SendAsync("ZREM", [key.AsArgument(), member], flags)).AsBoolean();

    public async Task<RedisValue[]> SortedSetRangeByScoreAsync(
        RedisKey key, double start, double stop, Exclude exclude, Order order, long skip, long take, CommandFlags flags)
    {
        var from = Bound(start, exclude.HasFlag(Exclude.Start));
        var to = Bound(stop, exclude.HasFlag(Exclude.Stop));
        List<RedisValue> arguments = [key.AsArgument()];
        arguments.AddRange(order == Order.Ascending ? [from, to] : [to, from]);
        if (skip != 0 || take != -1)
            arguments.AddRange(["LIMIT", skip, take]);
        return (await SendAsync(order == Order.Ascending ? "ZRANGEBYSCORE" : "ZREVRANGEBYSCORE", [.. arguments], flags)).AsRedisValues();
    }

    static RedisValue Bound(double score, bool excluded)
    {
        RedisValue value = score;
        return excluded ? string.Create(CultureInfo.InvariantCulture, $"({value}") : value;
    }

    static RedisValue NotNull(RedisValue value) => value.IsNull ? RedisValue.EmptyString : value;
}
