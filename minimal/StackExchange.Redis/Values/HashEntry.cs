namespace StackExchange.Redis;

/// <summary>One field of a hash.</summary>
public readonly struct HashEntry(RedisValue name, RedisValue value) : IEquatable<HashEntry>
{
    public RedisValue Name { get; } = name;

    public RedisValue Value { get; } = value;

    public static bool operator ==(HashEntry left, HashEntry right) => left.Equals(right);

    public static bool operator !=(HashEntry left, HashEntry right) => !left.Equals(right);

    public bool Equals(HashEntry other) => Name == other.Name && Value == other.Value;

    public override bool Equals(object? obj) => obj is HashEntry other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Name, Value);

    public override string ToString() => Name + ": " + Value;
}
