using StackExchange.Redis.Resp;

namespace StackExchange.Redis;

/// <summary>The reply of a script or of a command given by name.</summary>
public sealed class RedisResult
{
    readonly RespValue _reply;

    internal RedisResult(RespValue reply) => _reply = reply;

    public ResultType Resp3Type => _reply.Kind switch
    {
        RespKind.Null => ResultType.Null,
        RespKind.SimpleString => ResultType.SimpleString,
        RespKind.Error => ResultType.Error,
        RespKind.Integer => ResultType.Integer,
        RespKind.BulkString => ResultType.BulkString,
        RespKind.Double => ResultType.Double,
        RespKind.Boolean => ResultType.Boolean,
        RespKind.BigNumber => ResultType.BigInteger,
        RespKind.Map => ResultType.Map,
        RespKind.Set => ResultType.Set,
        RespKind.Push => ResultType.Push,
        _ => ResultType.Array,
    };

    public bool IsNull => _reply.IsNull;

    /// <summary>Elements of an aggregate; -1 for a scalar.</summary>
    public int Length => IsAggregate ? _reply.Items.Length : -1;

    bool IsAggregate => _reply.Kind is RespKind.Array or RespKind.Map or RespKind.Set or RespKind.Push;

    public RedisResult this[int index] => new(_reply.Items[index]);

    public static explicit operator RedisValue(RedisResult result) => result.Scalar();

    public static explicit operator string?(RedisResult result) => result.Scalar();

    public static explicit operator byte[]?(RedisResult result) => result.Scalar();

    public static explicit operator long(RedisResult result) => (long)result.Scalar();

    public static explicit operator int(RedisResult result) => (int)result.Scalar();

    public static explicit operator double(RedisResult result) => (double)result.Scalar();

    public static explicit operator bool(RedisResult result) => (bool)result.Scalar();

    public static explicit operator long?(RedisResult result) => (long?)result.Scalar();

    public static explicit operator RedisResult[]?(RedisResult result) =>
        result.IsNull ? null : Array.ConvertAll(result.Elements(), item => new RedisResult(item));

    public static explicit operator RedisValue[]?(RedisResult result) =>
        result.IsNull ? null : Array.ConvertAll(result.Elements(), item => new RedisResult(item).Scalar());

    public static explicit operator string?[]?(RedisResult result) =>
        result.IsNull ? null : Array.ConvertAll(result.Elements(), item => (string?)new RedisResult(item).Scalar());

    public static explicit operator long[]?(RedisResult result) =>
        result.IsNull ? null : Array.ConvertAll(result.Elements(), item => (long)new RedisResult(item).Scalar());

    public override string ToString() => IsAggregate ? $"{_reply.Items.Length} element(s)" : _reply.AsText();

    RedisValue Scalar()
    {
        ThrowIfError();
        return IsAggregate ? throw new InvalidCastException("The reply is no single value.") : _reply.AsRedisValue();
    }

    RespValue[] Elements()
    {
        ThrowIfError();
        return IsAggregate ? _reply.Items : [_reply];
    }

    // An error inside an aggregate is only noticed when that element is read.
    void ThrowIfError()
    {
        if (_reply.Kind == RespKind.Error)
            throw new RedisServerException(_reply.AsText());
    }
}
