namespace StackExchange.Redis;

/// <summary>When a write happens.</summary>
public enum When
{
    Always,
    Exists,
    NotExists,
}

/// <summary>When an expiry is set.</summary>
public enum ExpireWhen
{
    Always,
    GreaterThanCurrentExpiry = 1 << 0,
    HasExpiry = 1 << 1,
    HasNoExpiry = 1 << 2,
    LessThanCurrentExpiry = 1 << 3,
}

/// <summary>When a member of a sorted set is written.</summary>
[Flags]
public enum SortedSetWhen
{
    Always = 0,
    Exists = 1 << 0,
    GreaterThan = 1 << 1,
    LessThan = 1 << 2,
    NotExists = 1 << 3,
}
