using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Attachments;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>What the hub asks for about channels. Throws <see cref="RealtimeException"/> for every refusal.</summary>
public sealed class ChannelService(
    ChannelFeeds feeds, MessageStore messages, MessageAppender appender, MessageChecks checks, ReadMarks reads, MessageUploads uploads, SessionStore store, ChannelAccess access, DirectDelivery directs,
    RedisNews redis, LimitOptions limits, TimeProvider time)
{
    long _sent;
    long _duplicates;

    /// <summary>Messages stored since the start, and retries among them that were answered with what was stored.</summary>
    public long Sent => Volatile.Read(ref _sent);
    public long Duplicates => Volatile.Read(ref _duplicates);

    public async Task<JoinChannelResult> JoinAsync(HubSession session, UserToken token, JoinChannelRequest request, CancellationToken cancellation)
    {
        await access.RequireJoinAsync(token, request.Channel, cancellation);
        var channel = request.Channel!;
        if (request.Since is < 0)
            throw Invalid("since", "A sequence number is not negative.");
        var feed = await feeds.GetLoadedAsync(channel, cancellation);
        var extent = feed.Extent!.Value;
        var reading = reads.FindAsync(channel, session.User, cancellation);
        var history = await HistoryAsync(feed, extent.Head, request.Since, cancellation);
        var read = await reading;

        IReadOnlyList<ChannelMember>? members = null;
        if (DirectName.IsReserved(channel))
            members = await directs.JoinAsync(session, feed, extent.Head, cancellation);
        else if (session.Reader(channel) is null)
        {
            if (session.Channels.Count >= limits.MaxChannelsPerSession)
                throw new RealtimeException(new(ErrorCode.Conflict, $"A session can be in {limits.MaxChannelsPerSession} channels.", "channel"));
            var reader = feed.Subscribe(session.Lanes, extent.Head);
            if (!session.TryEnter(reader))
                throw new RealtimeException(new(ErrorCode.UnknownOutcome, "The connection ended meanwhile."));
            await StillAllowedAsync(session, token, reader, cancellation);
            session.Lanes.AfterCompletion(() => session.Lanes.Begin(reader));
            members = feed.MembersFor(reader);
            session.Lanes.AfterCompletion(() => feed.FollowMembers(reader));
            ActionLog.Record("channels", "joined", session.User, channel);
            await RememberAsync(session, channel, cancellation);
        }
        return new JoinChannelResult(channel, extent.Head, members ?? feed.Members, history, extent.Epoch, read);
    }

    public async Task<LeaveChannelResult> LeaveAsync(HubSession session, LeaveChannelRequest request, CancellationToken cancellation)
    {
        if (!NameRules.IsName(request.Channel))
            throw Invalid("channel", "That is not a channel's name.");
        if (Leave(session, request.Channel!) is not { } reader)
            throw new RealtimeException(new(ErrorCode.NotFound, "You are not in this channel.", "channel"));
        ActionLog.Record("channels", "left", session.User, reader.Channel);
        await RememberAsync(session, reader.Channel, cancellation);
        return new LeaveChannelResult(reader.Channel);
    }

    public async Task<SendMessageResult> SendAsync(UserToken author, SendMessageRequest request)
    {
        var clean = Check(request);
        await access.RequireWriteAsync(author, request.Channel, CancellationToken.None);
        var channel = request.Channel!;
        if (await checks.CheckAsync(author.User, clean) is { } earlier)
            return new SendMessageResult(earlier.Id, earlier.Seq, earlier.CreatedAt, earlier.Duplicate);
        clean = await uploads.BindAsync(author.User, channel, clean);
        var now = time.GetUtcNow();
        // Whole milliseconds: what Postgres gives back is then what the event said.
        var created = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var message = new NewMessage(
            Guid.CreateVersion7(now).ToString(), author.User, author.Name, clean.ClientMessageId!, clean.Text!, MessageExtras.Of(clean), created);
        using var sending = MessageTrace.Send(message.Id, channel);
        var stored = await appender.AppendAsync(channel, message);
        MessageTrace.Stored(sending, stored.Seq, stored.Duplicate);
        Interlocked.Increment(ref _sent);
        if (stored.Duplicate)
            Interlocked.Increment(ref _duplicates);
        if (DirectName.IsOne(channel))
            directs.Stored(channel);
        return new SendMessageResult(stored.Id, stored.Seq, stored.CreatedAt, stored.Duplicate);
    }

    public async Task<IReadOnlyList<Message>> HistoryAsync(UserToken token, HistoryRequest request, CancellationToken cancellation)
    {
        await access.RequireReadAsync(token, request.Channel, cancellation);
        var channel = request.Channel!;
        var limit = request.Limit ?? MessageRules.JoinHistory;
        if (limit is < 1 or > MessageRules.MaxHistory)
            throw Invalid("limit", $"Between 1 and {MessageRules.MaxHistory}.");
        if (request is { Before: not null, After: not null })
            throw Invalid("before", "Either before or after.");
        if (request.Before is < 0 || request.After is < 0)
            throw Invalid(request.Before is null ? "after" : "before", "A sequence number is not negative.");
        if (request.After is { } after)
        {
            if (feeds.Find(channel) is { } feed && feed.Remembers(after) && feed.MissingAfter is null)
                return CurrentMessages.FirstOf(feed.Recent().Where(one => one.Seq > after), limit);
            return await messages.ReadAfterAsync(channel, after, limit, cancellation);
        }
        return await messages.ReadBeforeAsync(channel, request.Before ?? long.MaxValue, limit, cancellation);
    }

    /// <summary>The last messages up to the head, after <paramref name="since"/> if given, as they stand now; from memory when it reaches back far enough, or when it is all there is.</summary>
    async Task<IReadOnlyList<Message>> HistoryAsync(ChannelFeed feed, long head, long? since, CancellationToken cancellation)
    {
        var from = since ?? 0;
        if (from >= head)
            return [];
        var recent = feed.Recent();
        var remembered = CurrentMessages.LastOf([.. recent.Where(one => one.Seq > from && one.Seq <= head)], MessageRules.JoinHistory);
        if (remembered.Count == MessageRules.JoinHistory || (recent.Count > 0 && recent[0].Seq <= from + 1))
            return remembered;
        try
        {
            return [.. (await messages.ReadBeforeAsync(feed.Channel, head + 1, MessageRules.JoinHistory, cancellation)).Where(message => message.Seq > from)];
        }
        catch (RealtimeException) when (since is null && remembered.Count > 0)
        {
            return remembered;
        }
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

    /// <summary>The message as it is stored.</summary>
    /// <exception cref="RealtimeException">It cannot be one.</exception>
    public static SendMessageRequest Check(SendMessageRequest request) =>
        MessageRules.Check(request, out var clean) is { } refusal ? throw new RealtimeException(refusal) : clean;

    /// <summary>Who was thrown out between the question and the subscription was not found by what throws out: ask again.</summary>
    async Task StillAllowedAsync(HubSession session, UserToken token, FeedSubscription reader, CancellationToken cancellation)
    {
        try
        {
            await access.RequireReadAsync(token, reader.Channel, cancellation);
        }
        catch (RealtimeException)
        {
            session.Remove(reader.Channel);
            reader.Feed.Unsubscribe(reader);
            reader.Feed.ChangeMembers(view => view.Leave(session.Id));
            throw;
        }
    }

    static FeedSubscription? Leave(HubSession session, string channel)
    {
        if (session.Remove(channel) is not { } reader)
            return null;
        reader.Feed.Unsubscribe(reader);
        reader.Feed.ChangeMembers(view => view.Leave(session.Id));
        return reader;
    }

    static RealtimeException Invalid(string field, string message) => new(new(ErrorCode.Invalid, message, field));
}
