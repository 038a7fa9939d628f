using System.Threading.Channels;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Channels;
using StackExchange.Redis;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Redis as the fast way between replicas, and nothing more: it carries news of what Postgres holds already, so everything that gets lost here is found again by the outbox
/// tail. Publishing never waits: what is to be said goes into a queue of <see cref="QueueLength"/> (full, or Redis away: it is not said).
/// </summary>
public sealed partial class RedisNews : SupervisedService
{
    public const string CircuitName = "redis";
    public const int QueueLength = 10_000;

    /// <summary>Commands in flight together; also how many are given up together when Redis stalls.</summary>
    const int Pipelined = 256;

    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);
    static readonly RedisChannel Nudges = RedisChannel.Literal("rt:nudge");

    readonly Channel<(RedisChannel Channel, RedisValue Message)> _outgoing = System.Threading.Channels.Channel.CreateBounded<(RedisChannel, RedisValue)>(
        new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    readonly Lock _gate = new();
    readonly SemaphoreSlim _interestChanged = new(0);
    readonly HashSet<string> _heard = new(StringComparer.Ordinal);
    // What is to be changed, one entry per channel: bounded by the channels known here.
    Dictionary<string, ChannelFeed?> _interest = new(StringComparer.Ordinal);
    readonly List<(RedisChannel Channel, string Topic, Action<ReadOnlyMemory<byte>> Take)> _listeners = [];
    readonly Lazy<IConnectionMultiplexer> _redis;
    readonly Guarded _guarded;
    readonly OutboxNudge _nudge;
    readonly ILogger<RedisNews> _log;

    public RedisNews(IServiceProvider services, OutboxNudge nudge, CircuitRegistry circuits, Supervisor supervisor, ILogger<RedisNews> log) : base(supervisor, "fanout.redis")
    {
        // Connecting happens when it is first resolved; nothing of that may hold up the start.
        _redis = new(services.GetRequiredService<IConnectionMultiplexer>);
        _nudge = nudge;
        _guarded = supervisor.Guarded;
        _log = log;
        Circuit = circuits.Get(new CircuitBreakerOptions(CircuitName) { CallTimeout = CallTimeout });
    }

    public CircuitBreaker Circuit { get; }

    public bool IsAway => Circuit.State != CircuitState.Closed;

    internal IConnectionMultiplexer Connection => _redis.Value;

    /// <summary>From now on the channel's events from other replicas come to the feed.</summary>
    public void Hear(string channel, ChannelFeed feed) => SetInterest(channel, feed);

    public void Forget(string channel) => SetInterest(channel, null);

    /// <summary>Says that a batch was appended.</summary>
    public void Publish(string channel, IReadOnlyList<ChannelEvent> events) => Say(ChannelOf(channel), NewsFormat.Write(events));

    /// <summary>Says that there is something in the outbox that should not wait for the next look.</summary>
    public void Nudge() => Say(Nudges, RedisValue.EmptyString);

    /// <summary>Hears everything that any replica, this one included, broadcasts on a topic. To be called before the host starts.</summary>
    public void Listen(string topic, Action<ReadOnlyMemory<byte>> take) => _listeners.Add((RedisChannel.Literal("rt:t:" + topic), topic, take));

    /// <summary>Says something to every replica. Nothing repairs its loss: for what may get lost, or comes by the outbox too.</summary>
    public void Broadcast(string topic, byte[] message) => Say(RedisChannel.Literal("rt:t:" + topic), message);

    void Say(RedisChannel channel, RedisValue message)
    {
        if (!IsAway)
            _outgoing.Writer.TryWrite((channel, message));
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var subscriber = Connection.GetSubscriber();
        await SubscribeAsync(subscriber, Nudges, (_, _) => _nudge.Now());
        foreach (var (channel, topic, take) in _listeners)
            await SubscribeAsync(subscriber, channel, (_, message) => _guarded.Run(new GuardedContext(Name, topic), () => take((ReadOnlyMemory<byte>)message)));
        await Task.WhenAll(PublishAllAsync(subscriber, stopping), FollowInterestAsync(subscriber, stopping));
    }

    async Task PublishAllAsync(ISubscriber subscriber, CancellationToken stopping)
    {
        var batch = new List<Task>();
        while (await _outgoing.Reader.WaitToReadAsync(stopping))
        {
            batch.Clear();
            while (batch.Count < Pipelined && _outgoing.Reader.TryRead(out var next))
                batch.Add(PublishAsync(subscriber, next.Channel, next.Message, stopping));
            await Task.WhenAll(batch);
        }
    }

    async Task PublishAsync(ISubscriber subscriber, RedisChannel channel, RedisValue message, CancellationToken stopping)
    {
        try
        {
            await Circuit.ExecuteAsync(async token => await subscriber.PublishAsync(channel, message).WaitAsync(token), stopping);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or CircuitOpenException)
        {
            ActionLog.RecordVerbose(Name, "notSaid", detail: exception.GetType().Name);
        }
    }

    async Task FollowInterestAsync(ISubscriber subscriber, CancellationToken stopping)
    {
        while (true)
        {
            await _interestChanged.WaitAsync(stopping);
            Dictionary<string, ChannelFeed?> changes;
            lock (_gate)
            {
                changes = _interest;
                _interest = new(StringComparer.Ordinal);
            }
            foreach (var chunk in changes.Chunk(Pipelined))
                await Task.WhenAll(chunk.Select(change => FollowAsync(subscriber, change.Key, change.Value)));
        }
    }

    async Task FollowAsync(ISubscriber subscriber, string channel, ChannelFeed? feed)
    {
        var name = ChannelOf(channel);
        bool heard;
        lock (_gate)
            heard = feed is null ? _heard.Remove(channel) : !_heard.Add(channel);
        // Also when the channel was let go and taken up again: the old handler goes with its old feed.
        if (heard)
            await TryAsync(subscriber.UnsubscribeAsync(name));
        if (feed is not null)
            await SubscribeAsync(subscriber, name, (_, message) => Take(feed, message));
    }

    void SetInterest(string channel, ChannelFeed? feed)
    {
        lock (_gate)
        {
            _interest[channel] = feed;
            if (_interestChanged.CurrentCount == 0)
                _interestChanged.Release();
        }
    }

    void Take(ChannelFeed feed, RedisValue message)
    {
        if (NewsFormat.TryRead((ReadOnlyMemory<byte>)message, out var events))
            feed.Offer(events);
        else
            LogMalformed();
    }

    /// <summary>Without a connection the subscription is remembered and made when there is one; meanwhile the tail brings the news.</summary>
    Task SubscribeAsync(ISubscriber subscriber, RedisChannel channel, Action<RedisChannel, RedisValue> handler) => TryAsync(subscriber.SubscribeAsync(channel, handler));

    async Task TryAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            ActionLog.RecordVerbose(Name, "later", detail: exception.GetType().Name);
        }
    }

    static RedisChannel ChannelOf(string channel) => RedisChannel.Literal("rt:c:" + channel);

    public override void Dispose()
    {
        _interestChanged.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message on a channel of ours could not be read; another version of the service?")]
    partial void LogMalformed();
}
