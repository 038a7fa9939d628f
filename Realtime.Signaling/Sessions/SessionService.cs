using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Delivery;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.People;
using Realtime.Signaling.Presence;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Sessions;

/// <summary>Begins, resumes and ends sessions. The database being away delays what others learn, but keeps nobody out who was in.</summary>
public sealed class SessionService(
    HubConnections connections, SessionStore store, ChannelFeeds feeds, ResumeTokens resumeTokens, RoomService rooms, Limits limits, Admission admission, LimitOptions limitOptions, ChannelAccess access, DirectDelivery directs,
    RedisNews redis, TurnCredentials turn, PresenceService presence, TypingService typing, FriendIndex friends, UserNews news, SessionEnd sessionEnd, TimeProvider time)
{
    /// <summary>Members told with a resume, over all channels; the rest is asked for.</summary>
    const int MembersTold = 2000;

    /// <summary>People whose presence is told with a resume, besides friends.</summary>
    const int PresencesTold = 500;

    /// <summary>How long a Hello waits for the session's row.</summary>
    static readonly TimeSpan RowWithin = TimeSpan.FromSeconds(2);

    /// <summary>Sessions begun since the start, and of them resumed.</summary>
    public long Begun => Volatile.Read(ref _begun);
    public long Resumed => Volatile.Read(ref _resumed);

    long _begun;
    long _resumed;

    /// <param name="mode">The operating mode's name.</param>
    public async Task<HelloResult> HelloAsync(HubConnection connection, HelloRequest request, string mode, CancellationToken cancellation)
    {
        if (connection.Session is not null)
            throw new RealtimeException(new(ErrorCode.Conflict, "This connection has said Hello already."));
        var positions = CheckPositions(request.Positions);
        var token = connection.Token;
        var returning = resumeTokens.TryVerify(request.Resume, token.User, out var resumed);
        await admission.AdmitAsync(connection, returning);

        var (begun, channels) = returning ? await TakeAsync(connection, resumed!, cancellation) : New(connection);
        var attachedAt = time.GetUtcNow();
        connections.Attach(connection, begun)?.Lanes.Close(CloseCode.Shutdown, TimeSpan.Zero);
        ActionLog.Record("sessions", returning ? "resumed" : "begun", token.User);
        Interlocked.Increment(ref _begun);
        if (returning)
            Interlocked.Increment(ref _resumed);

        var told = await RejoinAsync(begun, connection, [.. positions.Where(static one => !DirectName.IsReserved(one.Channel))], channels, cancellation);
        var inDirects = await ResumeDirectsAsync(begun, token, [.. positions.Where(static one => DirectName.IsReserved(one.Channel))], resumed, cancellation);
        if (begun.NeedsSave)
            await SaveAsync(begun, cancellation);
        presence.Announce(begun);
        if (returning)
            connection.Lanes.AfterCompletion(() => news.Replay(begun.User, begun.Lanes, attachedAt));
        connection.Lanes.AfterCompletion(() => friends.Attach(begun.User, begun.Lanes));
        var known = begun.Rooms;
        if (known.Count > 0)
            connection.Lanes.AfterCompletion(() => rooms.SessionResumed(Caller(begun, token), known));
        return new HelloResult(begun.Id, resumeTokens.Issue(begun.Id, token.User), time.GetUtcNow(), mode, limits.Told, [.. told, .. inDirects], [.. known.Select(static room => room.Room)], turn.For(token.User), token.User);
    }

    public static RoomCaller Caller(HubSession session, UserToken token) => new(session.Id, session.User, session.Name, token.Grants);

    /// <summary>The connection is gone. Meant by the client, or by us for good: the session ends. Otherwise its client has the lease to come back.</summary>
    public async Task DisconnectedAsync(HubConnection connection)
    {
        if (connection.Session is not { } session)
            return;
        // A client that we told to come back answers with a close frame of its own: that is no goodbye.
        var forGood = connection.Lanes.ClosedWith is { } code ? (int)code >= 3500 : connection.ClosedByClient;
        var ending = EndingSession.Of(session, connection.Lanes.ClosedWith is null ? EndReason.Closed : EndReason.Refused);
        var held = connections.TryDetach(connection, session);
        if (held && forGood)
        {
            await sessionEnd.RunAsync([ending], CancellationToken.None);
            return;
        }
        foreach (var reader in session.RemoveAll())
        {
            reader.Feed.Unsubscribe(reader);
            // A session taken over by another connection here has told the members what it holds itself.
            if (held)
                reader.Feed.ChangeMembers(view => view.Release(session.Id));
        }
        if (held)
            await ReleaseAsync(session);
    }

    /// <summary>Its client may come back, anywhere: nothing ends but what needs a connection.</summary>
    async Task ReleaseAsync(HubSession session)
    {
        ActionLog.Record("sessions", "lost", session.User);
        rooms.SessionDetached(session.Id);
        typing.SessionEnded(session.Id, session.User, session.Name);
        friends.Detach(session.User);
        try
        {
            await store.ReleaseAsync(session.Id, session.Generation, SessionRules.Lease, CancellationToken.None);
        }
        catch (RealtimeException)
        {
            // The keeper finds the row without a session and does the same when the database is back.
            ActionLog.Record("sessions", "releaseNotStored", session.User);
        }
    }

    /// <summary>Writes the whole session; when that fails the keeper goes on trying.</summary>
    public async Task SaveAsync(HubSession session, CancellationToken cancellation)
    {
        session.NeedsSave = false;
        try
        {
            if (session.ResumedBlind)
                await CatchUpWithRowAsync(session, cancellation);
            await store.SaveAsync(session.ToRow(), session.Stopping).WaitAsync(RowWithin, cancellation);
            session.IsStored = true;
            // Its connection ended meanwhile: the row must not look as if somebody held it.
            if (connections.Holder(session.Id)?.Session != session)
                await store.ReleaseAsync(session.Id, session.Generation, SessionRules.Lease, cancellation);
            redis.Nudge();
        }
        catch (OperationCanceledException) when (session.Stopping.IsCancellationRequested)
        {
            ActionLog.RecordVerbose("sessions", "endedMeanwhile", session.User);
        }
        catch (Exception exception) when (exception is RealtimeException or TimeoutException)
        {
            session.NeedsSave = true;
        }
    }

    /// <summary>The row of a session that is held here is gone: others took us for dead. It is written anew, above whatever they made of it.</summary>
    public void Reclaim(HubSession session)
    {
        session.IsStored = false;
        session.Generation = Math.Max(session.Generation + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        session.NeedsSave = true;
        presence.Announce(session);
    }

    (HubSession, IReadOnlyList<string>) New(HubConnection connection) => (
        new HubSession(Guid.CreateVersion7().ToString("N"), connection.Token.User, connection.Token.Name, connection.Lanes, DeviceStatus.Online(time.GetUtcNow())) { NeedsSave = true }, []);

    async Task<(HubSession, IReadOnlyList<string>)> TakeAsync(HubConnection connection, string id, CancellationToken cancellation)
    {
        try
        {
            var row = await store.TakeAsync(id, connection.Token.User, cancellation).WaitAsync(RowWithin, time, cancellation);
            // It ended: the client keeps its positions and gets a new session.
            if (row is null)
                return New(connection);
            var session = new HubSession(id, row.User, connection.Token.Name, connection.Lanes, row.Status) { Generation = row.Generation, Rooms = row.Rooms, IsStored = true };
            return (session, row.Channels);
        }
        catch (Exception exception) when (exception is RealtimeException or TimeoutException)
        {
            // The token proves the session; the row comes later. Above any counted generation, so that this write wins.
            var status = presence.StatusOf(id) ?? DeviceStatus.Online(time.GetUtcNow());
            var session = new HubSession(id, connection.Token.User, connection.Token.Name, connection.Lanes, status)
            {
                Generation = time.GetUtcNow().ToUnixTimeMilliseconds(),
                NeedsSave = true,
                ResumedBlind = true,
            };
            return (session, []);
        }
    }

    async Task CatchUpWithRowAsync(HubSession session, CancellationToken cancellation)
    {
        if (await store.TakeAsync(session.Id, session.User, cancellation) is { } row)
        {
            session.Generation = Math.Max(session.Generation, row.Generation);
            presence.Announce(session);
            if (session.Rooms.Count == 0 && row.Rooms.Count > 0 && connections.Holder(session.Id) is { } holder && holder.Session == session)
            {
                session.Rooms = row.Rooms;
                rooms.SessionResumed(Caller(session, holder.Token), row.Rooms);
            }
        }
        session.ResumedBlind = false;
    }

    /// <summary>Puts the session back into its channels, as far as its token still allows, and plans what each replays.</summary>
    async Task<IReadOnlyList<ResumedChannel>> RejoinAsync(
        HubSession session, HubConnection connection, IReadOnlyList<Position> positions, IReadOnlyList<string> stored, CancellationToken cancellation)
    {
        var told = new List<ResumedChannel>(positions.Count);
        var people = new List<ChannelMember>();
        var at = positions.ToDictionary(static position => position.Channel, StringComparer.Ordinal);
        string[] asked = [.. at.Keys.Union(stored, StringComparer.Ordinal).Take(limitOptions.MaxChannelsPerSession)];
        var allowed = await Task.WhenAll(asked.Select(channel => MayResumeAsync(connection.Token, channel, cancellation)));
        string[] wanted = [.. asked.Where((_, index) => allowed[index])];
        var extents = await Task.WhenAll(wanted.Select(channel => ExtentAsync(channel, at.GetValueOrDefault(channel)?.Seq ?? 0, cancellation)));
        foreach (var (feed, extent) in extents)
        {
            long from;
            ResumedChannel? plan = null;
            if (at.TryGetValue(feed.Channel, out var position))
            {
                // Without the database and not in memory: nothing is known yet, and everything after the position will come.
                plan = extent is { } known ? ResumePlan.For(position, known) : new ResumedChannel(position.Channel, position.Seq + 1, position.Seq);
                from = ResumePlan.StartAfter(plan);
            }
            else if (extent is { } known)
                from = known.Head;
            else
                continue;
            var reader = feed.Subscribe(connection.Lanes, from);
            session.TryAdd(reader);
            feed.ChangeMembers(view => view.Join(session.Id, session.Member));
            // Thrown out between the question and this moment: who throws out did not find the reader, or the member, yet.
            if (!await MayResumeAsync(connection.Token, feed.Channel, cancellation))
            {
                session.Remove(feed.Channel);
                feed.Unsubscribe(reader);
                feed.ChangeMembers(view => view.Leave(session.Id));
                continue;
            }
            var members = plan is not null && extent is not null && feed.MemberCount <= Math.Min(PresenceTeller.MaxMembers, MembersTold - people.Count) ? feed.MembersFor(reader) : null;
            if (plan is not null)
                told.Add(plan with { Members = members });
            people.AddRange(members ?? []);
            connection.Lanes.AfterCompletion(() => feed.FollowMembers(reader));
            connection.Lanes.AfterCompletion(() => connection.Lanes.Begin(reader));
        }
        string[] others = [.. people.Select(static member => member.User).Distinct(StringComparer.Ordinal).Where(user => user != session.User).Take(PresencesTold)];
        if (others.Length > 0)
            connection.Lanes.AfterCompletion(() => presence.Introduce(new Introduction(others, To: connection.Lanes)));
        if (session.Channels.Count > 0 && session.Channels.Except(stored, StringComparer.Ordinal).Any())
            session.NeedsSave = true;
        return told;
    }

    /// <param name="before">The session that the client comes back with, which may have ended.</param>
    async Task<IReadOnlyList<ResumedChannel>> ResumeDirectsAsync(
        HubSession session, UserToken token, IReadOnlyList<Position> positions, string? before, CancellationToken cancellation)
    {
        var allowed = await Task.WhenAll(positions.Select(position => MayResumeAsync(token, position.Channel, cancellation)));
        return await directs.ResumeAsync(session, before is null ? null : HubSession.BeginOf(before), [.. positions.Where((_, index) => allowed[index])], cancellation);
    }

    /// <summary>A channel that the client may not go on with, or of which that cannot be known now, is left out: the client then joins it again and hears why.</summary>
    async Task<bool> MayResumeAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        try
        {
            return await access.ResumeVerdictAsync(token, channel, cancellation) == AccessVerdict.Allowed;
        }
        catch (RealtimeException)
        {
            return false;
        }
    }

    /// <summary>The channel and what is known of it. A client that is ahead of this node has seen what is still on its way here: look.</summary>
    async Task<(ChannelFeed Feed, ChannelExtent? Extent)> ExtentAsync(string channel, long seen, CancellationToken cancellation)
    {
        var feed = feeds.Get(channel);
        try
        {
            feed = await feeds.GetLoadedAsync(channel, cancellation);
            if (feed.Extent is { } extent && extent.Head < seen)
                await feeds.AdvanceAsync(feed, cancellation);
        }
        catch (RealtimeException) when (feed.Extent is null || feed.Extent.Value.Head < seen)
        {
            return (feed, null);
        }
        return (feed, feed.Extent);
    }

    IReadOnlyList<Position> CheckPositions(IReadOnlyList<Position>? positions)
    {
        if (positions is null)
            return [];
        if (positions.Count > limitOptions.MaxChannelsPerSession + SessionDirects.Max)
            throw new RealtimeException(new(ErrorCode.TooLarge, $"At most {limitOptions.MaxChannelsPerSession + SessionDirects.Max} positions.", "positions"));
        if (positions.Any(static position => !NameRules.IsName(position.Channel) || position.Seq < 0))
            throw new RealtimeException(new(ErrorCode.Invalid, "A position names a channel and a sequence number.", "positions"));
        if (positions.Select(static position => position.Channel).Distinct(StringComparer.Ordinal).Count() != positions.Count)
            throw new RealtimeException(new(ErrorCode.Invalid, "A channel is named twice.", "positions"));
        return positions;
    }
}
