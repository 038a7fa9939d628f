namespace StackExchange.Redis.PubSub;

internal sealed class RedisSubscriber(ConnectionMultiplexer multiplexer, Subscriptions subscriptions) : ISubscriber
{
    public IConnectionMultiplexer Multiplexer => multiplexer;

    public bool IsConnected(RedisChannel channel = default) => multiplexer.IsConnected;

    public Task<TimeSpan> PingAsync(CommandFlags flags = CommandFlags.None) => multiplexer.GetDatabase().PingAsync(flags);

    public Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags = CommandFlags.None) =>
        multiplexer.GetDatabase().PublishAsync(channel, message, flags);

    public Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, CommandFlags flags = CommandFlags.None)
    {
        ArgumentNullException.ThrowIfNull(handler);
        channel.AsArgument();
        return subscriptions.AddAsync(channel, handler, wanted => multiplexer.RequestSubscriptionAsync(wanted, flags));
    }

    public async Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CommandFlags flags = CommandFlags.None)
    {
        var queue = new ChannelMessageQueue(channel, this, multiplexer.ReportInternalError);
        try
        {
            await SubscribeAsync(channel, queue.Post, flags);
        }
        catch
        {
            // Nobody would ever read this queue.
            await UnsubscribeAsync(channel, queue.Post, CommandFlags.FireAndForget);
            throw;
        }
        return queue;
    }

    public Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler = null, CommandFlags flags = CommandFlags.None) =>
        subscriptions.RemoveAsync(channel, handler, unwanted => multiplexer.RequestUnsubscriptionAsync(unwanted, flags));

    public Task UnsubscribeAllAsync(CommandFlags flags = CommandFlags.None) =>
        Task.WhenAll(subscriptions.Channels.Select(channel => UnsubscribeAsync(channel, null, flags)));
}
