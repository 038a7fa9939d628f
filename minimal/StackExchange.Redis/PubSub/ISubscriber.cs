namespace StackExchange.Redis;

/// <summary>Publish and subscribe. Subscriptions outlive connections: after a reconnect they are back without a call.</summary>
public interface ISubscriber
{
    IConnectionMultiplexer Multiplexer { get; }

    bool IsConnected(RedisChannel channel = default);

    Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None);

    /// <returns>How many subscribers of this server received it.</returns>
    Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None);

    /// <summary>
    /// Completes when the server has confirmed. When it throws for lack of a connection the handler stays registered, and the
    /// subscription is made as soon as there is one. Handlers of all channels run one after the other, so they must be short.
    /// </summary>
    Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None);

    /// <summary>As the other overload, with a queue of its own, which a slow reader holds up alone.</summary>
    Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CommandFlags flags = CommandFlags.None);

    /// <summary>Takes back one handler, or with null all handlers of the channel.</summary>
    Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None);

    Task UnsubscribeAllAsync(CommandFlags flags = CommandFlags.None);
}
