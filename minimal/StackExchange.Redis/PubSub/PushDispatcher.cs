using System.Threading.Channels;
using StackExchange.Redis.Resp;

namespace StackExchange.Redis.PubSub;

/// <summary>
/// Hands published messages to the subscribers, one after the other in the order of their arrival, off the reading loop.
/// Bounded: a message that arrives while too many wait for a slow handler is dropped and counted (Redis promises
/// at-most-once anyway).
/// </summary>
internal sealed class PushDispatcher(Subscriptions subscriptions, Action<Exception, string> report)
{
    public const int MaxMessages = 65_536;
    public const long MaxBytes = 64 << 20;

    readonly Channel<Published> _queue = System.Threading.Channels.Channel.CreateBounded<Published>(
        new BoundedChannelOptions(MaxMessages) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    long _bytes;
    long _dropped;

    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a push of the server; whatever is not a message is ignored. Never waits.</summary>
    public void TryPost(RespValue push)
    {
        if (!TryDecode(push, out var message))
            return;
        if (Interlocked.Read(ref _bytes) + message.Size <= MaxBytes && _queue.Writer.TryWrite(message))
        {
            Interlocked.Add(ref _bytes, message.Size);
            return;
        }
        // Reported at the 1st, 2nd, 4th, 8th … so that a flood of drops is no flood of reports.
        var dropped = Interlocked.Increment(ref _dropped);
        if (long.IsPow2(dropped))
            report(new RedisException($"{dropped} published messages dropped so far: the subscribers are too slow."), nameof(PushDispatcher));
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var message in _queue.Reader.ReadAllAsync(cancellation))
        {
            Interlocked.Add(ref _bytes, -message.Size);
            foreach (var handler in subscriptions.HandlersOf(message.Subscription))
            {
                try
                {
                    handler(message.Source, message.Payload);
                }
                catch (Exception exception)
                {
                    report(exception, "subscriber");
                }
            }
        }
    }

    static bool TryDecode(RespValue push, out Published message)
    {
        message = default;
        if (push.Kind != RespKind.Push || push.Items is not [var kind, ..])
            return false;
        switch (kind.AsText(), push.Items)
        {
            case ("message", [_, var channel, var payload]):
                var literal = RedisChannel.Literal(Bytes(channel));
                message = new Published(literal, literal, payload.AsRedisValue());
                return true;
            case ("pmessage", [_, var pattern, var channel, var payload]):
                message = new Published(RedisChannel.Pattern(Bytes(pattern)), RedisChannel.Literal(Bytes(channel)), payload.AsRedisValue());
                return true;
            default:
                return false;
        }
    }

    static byte[] Bytes(RespValue value) => (byte[]?)value.AsRedisValue() ?? [];

    readonly record struct Published(RedisChannel Subscription, RedisChannel Source, RedisValue Payload)
    {
        public long Size { get; } = Payload.Length() + 128;
    }
}
