using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Delivery;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Access;

/// <summary>
/// Brings direct channels to the sessions of their members, who joined nothing. A session reads a direct channel from the first sign of life in it (the outbox tells every replica):
/// idle ones cost nothing. A session that comes back is given what it missed.
/// </summary>
public sealed class DirectDelivery(
    HubConnections connections, ChannelFeeds feeds, ChannelAccess access, DirectStore store, RedisNews redis, Supervisor supervisor)
    : SupervisedService(supervisor, "access.directs"), IOutboxConsumer
{
    /// <summary>Channels with news that wait to be looked at. When there are more, the news of the rest come with the next sign of life in them, or by resuming.</summary>
    public const int MaxWaiting = 10_000;

    /// <summary>Channels looked at side by side: a fraction of the pool, so that senders are not held up.</summary>
    const int Parallel = 4;

    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Clocks of replicas differ: what was written this much before a session began may be given to it too.</summary>
    static readonly TimeSpan Skew = TimeSpan.FromSeconds(2);

    readonly Lock _gate = new();
    readonly SemaphoreSlim _wake = new(0);
    HashSet<string> _waiting = new(StringComparer.Ordinal);

    public bool Takes(string kind) => kind == OutboxKind.Messages;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry)
    {
        if (DirectName.IsOne(entry.Key))
            Notice(entry.Key);
    }

    /// <summary>Something was stored in a direct channel by this replica: its sessions at once, the others as soon as their tails look.</summary>
    public void Stored(string channel)
    {
        Notice(channel);
        redis.Nudge();
    }

    /// <summary>A member joins by name: nothing else to do than what a sign of life does.</summary>
    /// <returns>All members; what they call themselves their messages say.</returns>
    public async Task<IReadOnlyList<ChannelMember>> JoinAsync(HubSession session, ChannelFeed feed, long head, CancellationToken cancellation)
    {
        Begin(session, feed, head, afterCompletion: true);
        var (policy, _) = await access.LookAsync(feed.Channel, session.User, cancellation);
        return [.. policy.Standings.Keys.Order(StringComparer.Ordinal).Select(static user => new ChannelMember(user, user))];
    }

    /// <summary>
    /// What a session that says Hello goes on with: the direct channels it names, and, coming back, those in which something was written since it began.
    /// </summary>
    /// <param name="since">When the session began that the client comes back with; null: it is new.</param>
    /// <param name="positions">Of direct channels that the user may read.</param>
    public async Task<IReadOnlyList<ResumedChannel>> ResumeAsync(HubSession session, DateTimeOffset? since, IReadOnlyList<Position> positions, CancellationToken cancellation)
    {
        var told = new List<ResumedChannel>();
        if (since is null && positions.Count == 0)
            return told;
        List<DirectPlace> places;
        try
        {
            places = positions.Count == 0 ? [] : await store.PlacesAsync(positions.Select(static one => one.Channel), (since ?? session.BeganAt) - Skew, cancellation);
            if (since is { } began)
                places.AddRange((await store.ActiveAsync(session.User, began - Skew, cancellation)).Where(active => places.TrueForAll(place => place.Channel != active.Channel)));
        }
        catch (RealtimeException)
        {
            // Not to be known now: the client joins those it knows again, and the next sign of life brings the others.
            return told;
        }
        foreach (var place in places)
        {
            var position = positions.FirstOrDefault(one => one.Channel == place.Channel) ?? new Position(place.Channel, place.Seen);
            var plan = ResumePlan.For(position, new ChannelExtent(place.Epoch, place.Head, 1));
            told.Add(plan);
            var from = ResumePlan.StartAfter(plan);
            if (from < place.Head)
                Begin(session, feeds.Get(place.Channel), from, afterCompletion: true);
            else
                session.Directs.Remember(place.Channel, from);
        }
        return told;
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _wake.WaitAsync(stopping);
            HashSet<string> taken;
            lock (_gate)
            {
                taken = _waiting;
                _waiting = new(StringComparer.Ordinal);
            }
            var away = false;
            foreach (var chunk in taken.Chunk(Parallel))
                away |= (await Task.WhenAll(chunk.Select(channel => TryDeliverAsync(channel, stopping)))).Contains(false);
            if (away)
                await Task.Delay(RetryAfter, Time, stopping);
        }
    }

    /// <returns>False: the database is away, or something else went wrong: it waits again, because perhaps nothing later is said there that would bring it.</returns>
    async Task<bool> TryDeliverAsync(string channel, CancellationToken stopping)
    {
        var done = false;
        await RunItemAsync("deliver", async token =>
        {
            try
            {
                await DeliverAsync(channel, token);
                done = true;
            }
            catch (RealtimeException)
            {
                ActionLog.RecordVerbose(Name, "away");
            }
        }, stopping, room: channel);
        if (!done)
            Notice(channel);
        return done;
    }

    async Task DeliverAsync(string channel, CancellationToken stopping)
    {
        var (policy, _) = await access.LookAsync(channel, "", stopping);
        if (policy.Kind != ChannelKind.Direct)
            return;
        foreach (var user in policy.Standings.Keys)
        {
            foreach (var connection in connections.OfUser(user))
            {
                if (connection.Session is { } session && session.Directs.Find(channel) is null)
                    await BeginAsync(session, channel, stopping);
            }
        }
    }

    async Task BeginAsync(HubSession session, string channel, CancellationToken stopping)
    {
        if (session.Directs.Recall(channel) is not { } position)
            position = (await store.PlacesAsync([channel], session.BeganAt - Skew, stopping)).FirstOrDefault()?.Seen ?? 0;
        Begin(session, await feeds.GetLoadedAsync(channel, stopping), position, afterCompletion: false);
    }

    void Begin(HubSession session, ChannelFeed feed, long position, bool afterCompletion)
    {
        var reader = feed.Subscribe(session.Lanes, position);
        if (!session.Directs.TryAdd(reader, out var oldest))
        {
            feed.Unsubscribe(reader);
            return;
        }
        oldest?.Feed.Unsubscribe(oldest);
        if (afterCompletion)
            session.Lanes.AfterCompletion(() => session.Lanes.Begin(reader));
        else
            session.Lanes.Begin(reader);
    }

    void Notice(string channel)
    {
        lock (_gate)
        {
            if (_waiting.Count < MaxWaiting && _waiting.Add(channel) && _wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
