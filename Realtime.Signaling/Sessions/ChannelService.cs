using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>What the hub asks for about channels. Throws <see cref="RealtimeException"/> for every refusal.</summary>
public sealed class ChannelService(
    ChannelFeeds feeds, MessageStore messages, MessageAppender appender, SessionStore store, RedisNews redis, LimitOptions limits, TimeProvider time)
{
    long _sent;
    long _duplicates;

    /// <summary>Messages stored since the start, and retries among them that were answered with what was stored.</summary>
    public long Sent => Volatile.Read(ref _sent);
    public long Duplicates => Volatile.Read(ref _duplicates);

    public async Task<JoinChannelResult> JoinAsync(HubSession session, Grants grants, JoinChannelRequest request, CancellationToken cancellation)
    {
        var channel = Check(grants, request.Channel);
        if (request.Since is < 0)
            throw Invalid("since", "A sequence number is not negative.");
        var feed = await feeds.GetLoadedAsync(channel, cancellation);
        var extent = feed.Extent!.Value;
        var history = await HistoryAsync(feed, extent.Head, request.Since, cancellation);

        if (session.Reader(channel) is null)
        {
            if (session.Channels.Count >= limits.MaxChannelsPerSession)
                throw new RealtimeException(new(ErrorCode.Conflict, $"A session can be in {limits.MaxChannelsPerSession} channels.", "channel"));
            var reader = feed.Subscribe(session.Lanes, extent.Head);
            session.TryAdd(reader);
            session.Lanes.AfterCompletion(() => session.Lanes.Begin(reader));
            feed.ChangeMembers(view => view.Join(session.Id, session.Member));
            ActionLog.Record("channels", "joined", session.User, channel);
            await RememberAsync(session, channel, cancellation);
        }
        return new JoinChannelResult(channel, extent.Head, feed.Members, history, extent.Epoch);
    }

    public async Task<LeaveChannelResult> LeaveAsync(HubSession session, LeaveChannelRequest request, CancellationToken cancellation)
    {
        if (!NameRules.IsName(request.Channel))
            throw Invalid("channel", "That is not a channel's name.");
        if (session.Remove(request.Channel!) is not { } reader)
            throw new RealtimeException(new(ErrorCode.NotFound, "You are not in this channel.", "channel"));
        reader.Feed.Unsubscribe(reader);
        reader.Feed.ChangeMembers(view => view.Leave(session.Id));
        ActionLog.Record("channels", "left", session.User, reader.Channel);
        await RememberAsync(session, reader.Channel, cancellation);
        return new LeaveChannelResult(reader.Channel);
    }

    public async Task<SendMessageResult> SendAsync(UserToken author, SendMessageRequest request)
    {
        if (MessageRules.Check(request) is { } refusal)
            throw new RealtimeException(refusal);
        var channel = Check(author.Grants, request.Channel);
        var now = time.GetUtcNow();
        // Whole milliseconds: what Postgres gives back is then what the event said.
        var created = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var message = new NewMessage(
            Guid.CreateVersion7(now).ToString(), author.User, author.Name, request.ClientMessageId!, request.Text!, MessageExtras.Of(request), created);
        var stored = await appender.AppendAsync(channel, message);
        Interlocked.Increment(ref _sent);
        if (stored.Duplicate)
            Interlocked.Increment(ref _duplicates);
        return new SendMessageResult(stored.Id, stored.Seq, stored.CreatedAt, stored.Duplicate);
    }

    public async Task<IReadOnlyList<Message>> HistoryAsync(Grants grants, HistoryRequest request, CancellationToken cancellation)
    {
        var channel = Check(grants, request.Channel);
        var limit = request.Limit ?? MessageRules.JoinHistory;
        if (limit is < 1 or > MessageRules.MaxHistory)
            throw Invalid("limit", $"Between 1 and {MessageRules.MaxHistory}.");
        if (request is { Before: not null, After: not null })
            throw Invalid("before", "Either before or after.");
        if (request.Before is < 0 || request.After is < 0)
            throw Invalid(request.Before is null ? "after" : "before", "A sequence number is not negative.");
        if (request.After is { } after)
        {
            if (feeds.Find(channel) is { } feed && feed.Remembers(after))
                return [.. (await feed.ReadAfterAsync(after, limit, cancellation)).Events.Select(HubFrames.ReadMessage)];
            return await messages.ReadAfterAsync(channel, after, limit, cancellation);
        }
        return await messages.ReadBeforeAsync(channel, request.Before ?? long.MaxValue, limit, cancellation);
    }

    /// <summary>The last messages up to the head, after <paramref name="since"/> if given; from memory when it reaches back far enough.</summary>
    async Task<IReadOnlyList<Message>> HistoryAsync(ChannelFeed feed, long head, long? since, CancellationToken cancellation)
    {
        var from = Math.Max(since ?? 0, head - MessageRules.JoinHistory);
        if (from >= head)
            return [];
        if (feed.Remembers(from))
            return [.. feed.Recent(MessageRules.JoinHistory * 2).Where(one => one.Seq > from && one.Seq <= head).Select(HubFrames.ReadMessage)];
        return await messages.ReadAfterAsync(feed.Channel, from, (int)(head - from), cancellation);
    }

    /// <summary>The session's channels, for a resume on any replica, and the news for other replicas' member lists.</summary>
    async Task RememberAsync(HubSession session, string changed, CancellationToken cancellation)
    {
        if (session.NeedsSave)
            return;
        try
        {
            await store.SetChannelsAsync(session.Id, session.Generation, session.Channels, changed, cancellation);
            redis.Nudge();
        }
        catch (RealtimeException)
        {
            session.NeedsSave = true;
        }
    }

    static string Check(Grants grants, string? channel)
    {
        if (!NameRules.IsName(channel))
            throw Invalid("channel", $"A channel is named by 1 to {NameRules.MaxNameLength} of A-Z a-z 0-9 . _ : -");
        return grants.AllowsChannel(channel!) ? channel! : throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not grant this channel.", "channel"));
    }

    static RealtimeException Invalid(string field, string message) => new(new(ErrorCode.Invalid, message, field));
}
