namespace StackExchange.Redis;

/// <summary>What to publish to or subscribe to: one literal name, or a glob pattern (subscribing only).</summary>
public readonly struct RedisChannel : IEquatable<RedisChannel>
{
    readonly RedisValue _name;

    RedisChannel(RedisValue name, bool isPattern)
    {
        _name = name;
        IsPattern = isPattern;
    }

    public bool IsPattern { get; }

    public bool IsNullOrEmpty => _name.IsNullOrEmpty;

    public static RedisChannel Literal(string value) => new(value, false);

    public static RedisChannel Literal(byte[] value) => new(value, false);

    public static RedisChannel Pattern(string value) => new(value, true);

    public static RedisChannel Pattern(byte[] value) => new(value, true);

    public static implicit operator string?(RedisChannel channel) => channel._name;

    public static implicit operator byte[]?(RedisChannel channel) => channel._name;

    public static bool operator ==(RedisChannel left, RedisChannel right) => left.Equals(right);

    public static bool operator !=(RedisChannel left, RedisChannel right) => !left.Equals(right);

    public bool Equals(RedisChannel other) => IsPattern == other.IsPattern && _name.Equals(other._name);

    public override bool Equals(object? obj) => obj is RedisChannel other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_name, IsPattern);

    public override string ToString() => _name.ToString();

    /// <exception cref="ArgumentException">The channel is null or empty.</exception>
    internal RedisValue AsArgument() => IsNullOrEmpty ? throw new ArgumentException("A null or empty channel is not valid.") : _name;
}
