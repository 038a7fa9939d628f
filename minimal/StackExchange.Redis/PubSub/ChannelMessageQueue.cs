using System.Threading.Channels;

namespace StackExchange.Redis;

/// <summary>
/// The messages of one subscription, in order, to be read or handled one at a time. Bounded: while its reader is
/// <see cref="MaxMessages"/> behind, the oldest message is dropped for each new one.
/// </summary>
public sealed class ChannelMessageQueue : IAsyncEnumerable<ChannelMessage>
{
    public const int MaxMessages = 65_536;

    readonly Channel<ChannelMessage> _queue = System.Threading.Channels.Channel.CreateBounded<ChannelMessage>(
        new BoundedChannelOptions(MaxMessages) { FullMode = BoundedChannelFullMode.DropOldest });
    readonly ISubscriber _subscriber;
    readonly Action<Exception, string> _report;
    Task? _handling;

    internal ChannelMessageQueue(RedisChannel channel, ISubscriber subscriber, Action<Exception, string> report)
    {
        Channel = channel;
        _subscriber = subscriber;
        _report = report;
    }

    public RedisChannel Channel { get; }

    /// <summary>Ends when the subscription has been taken back and everything before that was read.</summary>
    public Task Completion => _queue.Reader.Completion;

    public ValueTask<ChannelMessage> ReadAsync(CancellationToken cancellationToken = default) => _queue.Reader.ReadAsync(cancellationToken);

    public bool TryRead(out ChannelMessage item) => _queue.Reader.TryRead(out item);

    public IAsyncEnumerator<ChannelMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _queue.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Handles every message from now on; a handler that throws costs that message only.</summary>
    /// <exception cref="InvalidOperationException">There is a handler already.</exception>
    public void OnMessage(Action<ChannelMessage> handler) => OnMessage(message =>
    {
        handler(message);
        return Task.CompletedTask;
    });

    /// <inheritdoc cref="OnMessage(Action{ChannelMessage})"/>
    public void OnMessage(Func<ChannelMessage, Task> handler)
    {
        if (_handling is not null)
            throw new InvalidOperationException("Only a single handler is allowed.");
        _handling = HandleAsync(handler);
    }

    public async Task UnsubscribeAsync(CommandFlags flags = CommandFlags.None)
    {
        _queue.Writer.TryComplete();
        await _subscriber.UnsubscribeAsync(Channel, Post, flags);
    }

    internal void Post(RedisChannel channel, RedisValue message) => _queue.Writer.TryWrite(new ChannelMessage(Channel, channel, message));

    internal void Complete() => _queue.Writer.TryComplete();

    async Task HandleAsync(Func<ChannelMessage, Task> handler)
    {
        await foreach (var message in _queue.Reader.ReadAllAsync())
        {
            try
            {
                await handler(message);
            }
            catch (Exception exception)
            {
                _report(exception, "subscriber");
            }
        }
    }
}
