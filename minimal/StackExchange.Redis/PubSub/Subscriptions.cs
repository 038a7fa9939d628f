using System.Diagnostics;

namespace StackExchange.Redis.PubSub;

/// <summary>
/// Who listens to what, across connections. A subscription stays until it is taken back: it is requested again on every
/// new connection, and by the heartbeat when its request was lost.
/// </summary>
internal sealed class Subscriptions
{
    readonly Lock _gate = new();
    readonly Dictionary<RedisChannel, Entry> _entries = [];

    public static string SubscribeCommand(RedisChannel channel) => channel.IsPattern ? "PSUBSCRIBE" : "SUBSCRIBE";

    public static string UnsubscribeCommand(RedisChannel channel) => channel.IsPattern ? "PUNSUBSCRIBE" : "UNSUBSCRIBE";

    /// <summary>Adds a handler and sends the request under the same lock, so that requests leave in the order of the changes.</summary>
    public Task AddAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler, Func<RedisChannel, Task> request)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(channel, out var entry))
                _entries.Add(channel, entry = new Entry());
            entry.Handlers = [.. entry.Handlers, handler];
            return RequestAsync(channel, entry, request);
        }
    }

    /// <summary>Takes back one handler, or all with null, and the subscription with the last.</summary>
    public Task RemoveAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler, Func<RedisChannel, Task> request)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(channel, out var entry))
                return Task.CompletedTask;
            foreach (var removed in entry.Handlers)
            {
                if (handler is null || removed == handler)
                    (removed.Target as ChannelMessageQueue)?.Complete();
            }
            var index = handler is null ? -1 : Array.IndexOf(entry.Handlers, handler);
            if (handler is not null && index < 0)
                return Task.CompletedTask;
            entry.Handlers = handler is null ? [] : [.. entry.Handlers[..index], .. entry.Handlers[(index + 1)..]];
            if (entry.Handlers.Length > 0)
                return Task.CompletedTask;
            _entries.Remove(channel);
            return request(channel);
        }
    }

    public IReadOnlyList<RedisChannel> Channels
    {
        get
        {
            lock (_gate)
                return [.. _entries.Keys];
        }
    }

    public Action<RedisChannel, RedisValue>[] HandlersOf(RedisChannel channel)
    {
        lock (_gate)
            return _entries.TryGetValue(channel, out var entry) ? entry.Handlers : [];
    }

    /// <summary>What a new connection must subscribe to; the caller is about to do so.</summary>
    public IReadOnlyList<RedisChannel> RequestAll()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
                entry.IsRequested = true;
            return [.. _entries.Keys];
        }
    }

    /// <summary>Requests again what the server was not asked for or did not confirm.</summary>
    public Task RequestMissingAsync(Func<RedisChannel, Task> request)
    {
        lock (_gate)
            return Task.WhenAll(_entries.Where(pair => !pair.Value.IsRequested).Select(pair => RequestAsync(pair.Key, pair.Value, request)).ToArray());
    }

    /// <summary>Ends the queues of all subscribers.</summary>
    public void Close()
    {
        lock (_gate)
        {
            foreach (var handler in _entries.Values.SelectMany(entry => entry.Handlers))
                (handler.Target as ChannelMessageQueue)?.Complete();
            _entries.Clear();
        }
    }

    static async Task RequestAsync(RedisChannel channel, Entry entry, Func<RedisChannel, Task> request)
    {
        Debug.Assert(!channel.IsNullOrEmpty);
        entry.IsRequested = true;
        try
        {
            await request(channel);
        }
        catch (Exception exception) when (exception is RedisConnectionException or RedisTimeoutException)
        {
            entry.IsRequested = false;
            throw;
        }
    }

    sealed class Entry
    {
        public volatile bool IsRequested;

        public Action<RedisChannel, RedisValue>[] Handlers { get; set; } = [];
    }
}
