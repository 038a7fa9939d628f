using System.Globalization;
using System.Text;

namespace StackExchange.Redis.Resp;

/// <summary>One decoded reply.</summary>
internal readonly struct RespValue
{
    readonly object? _payload;
    readonly long _number;

    RespValue(RespKind kind, object? payload, long number = 0)
    {
        Kind = kind;
        _payload = payload;
        _number = number;
    }

    public RespKind Kind { get; }

    public bool IsNull => Kind == RespKind.Null;

    /// <summary>The elements of an aggregate; empty for a scalar.</summary>
    public RespValue[] Items => _payload as RespValue[] ?? [];

    public static RespValue Null => default;

    public static RespValue FromInteger(long value) => new(RespKind.Integer, null, value);

    public static RespValue FromDouble(double value) => new(RespKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static RespValue FromBoolean(bool value) => new(RespKind.Boolean, null, value ? 1 : 0);

    public static RespValue FromBytes(RespKind kind, byte[] bytes) => new(kind, bytes);

    public static RespValue FromItems(RespKind kind, RespValue[] items) => new(kind, items);

    /// <summary>The scalar as a value; null for null and for aggregates.</summary>
    public RedisValue AsRedisValue() => Kind switch
    {
        RespKind.Integer or RespKind.Boolean => _number,
        RespKind.Double => BitConverter.Int64BitsToDouble(_number),
        _ => _payload as byte[],
    };

    public RedisValue[] AsRedisValues() => Array.ConvertAll(Items, item => item.AsRedisValue());

    /// <summary>The text of a string or an error.</summary>
    public string AsText() => _payload is byte[] bytes ? Encoding.UTF8.GetString(bytes) : (string?)AsRedisValue() ?? "";

    /// <exception cref="RedisException">The reply is no integer.</exception>
    public long AsInt64() => Kind is RespKind.Integer or RespKind.Boolean ? _number
        : AsRedisValue().TryParse(out long number) ? number
        : throw Unexpected("an integer");

    /// <summary>Redis answers yes as <c>OK</c>, <c>1</c> or true, and no as null, <c>0</c> or false.</summary>
    public bool AsBoolean() => Kind switch
    {
        RespKind.Null => false,
        RespKind.Integer or RespKind.Boolean => _number != 0,
        _ => AsText() is "OK" or "1",
    };

    public RedisException Unexpected(string wanted) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The server answered with {Kind} where {wanted} was expected."));
}
