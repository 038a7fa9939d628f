namespace StackExchange.Redis;

/// <summary>One published message.</summary>
/// <param name="subscriptionChannel">What was subscribed to: the channel, or the pattern that matched it.</param>
public readonly struct ChannelMessage(RedisChannel subscriptionChannel, RedisChannel channel, RedisValue message)
{
    public RedisChannel SubscriptionChannel { get; } = subscriptionChannel;

    public RedisChannel Channel { get; } = channel;

    public RedisValue Message { get; } = message;

    public override string ToString() => Channel + ":" + Message;
}
