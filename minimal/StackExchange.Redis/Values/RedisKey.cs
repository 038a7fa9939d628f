namespace StackExchange.Redis;

/// <summary>The name of a key: text or bytes.</summary>
public readonly struct RedisKey : IEquatable<RedisKey>
{
    readonly RedisValue _value;

    public RedisKey(string? key) => _value = key;

    RedisKey(RedisValue value) => _value = value;

    public static implicit operator RedisKey(string? key) => new((RedisValue)key);

    public static implicit operator RedisKey(byte[]? key) => new((RedisValue)key);

    public static implicit operator string?(RedisKey key) => key._value;

    public static implicit operator byte[]?(RedisKey key) => key._value;

    public static bool operator ==(RedisKey left, RedisKey right) => left.Equals(right);

    public static bool operator !=(RedisKey left, RedisKey right) => !left.Equals(right);

    public bool Equals(RedisKey other) => _value.Equals(other._value);

    public override bool Equals(object? obj) => obj is RedisKey other && Equals(other);

    public override int GetHashCode() => _value.GetHashCode();

    public override string ToString() => _value.ToString();

    /// <summary>The key as an argument of a command.</summary>
    /// <exception cref="ArgumentException">The key is null.</exception>
    internal RedisValue AsArgument() => _value.IsNull ? throw new ArgumentException("A null key is not valid in this context.") : _value;
}
