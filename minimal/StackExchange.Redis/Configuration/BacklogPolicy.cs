namespace StackExchange.Redis;

/// <summary>What happens to commands while there is no connection.</summary>
public sealed class BacklogPolicy
{
    /// <summary>They wait, each until its timeout.</summary>
    public static BacklogPolicy Default { get; } = new() { QueueWhileDisconnected = true };

    /// <summary>They fail at once with a <see cref="RedisConnectionException"/>.</summary>
    public static BacklogPolicy FailFast { get; } = new() { QueueWhileDisconnected = false };

    public bool QueueWhileDisconnected { get; init; }
}
