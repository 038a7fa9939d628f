using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.People;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Sessions;

/// <summary>Begins, resumes and ends sessions. The database being away delays what others learn, but keeps nobody out who was in.</summary>
public sealed partial class SessionService(
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
        await admission.AdmitAsync(connection, returning, cancellation);

        var (begun, channels) = returning ? await TakeAsync(connection, resumed!, cancellation) : New(connection);
        var attachedAt = time.GetUtcNow();
        if (!connections.TryAttach(connection, begun, out var before))
        {
            await LetGoAsync(begun);
            throw new RealtimeException(new(ErrorCode.UnknownOutcome, "The connection ended meanwhile."));
        }
        before?.Lanes.Close(CloseCode.Shutdown, TimeSpan.Zero);
        ActionLog.Record("sessions", returning ? "resumed" : "begun", token.User);
        Interlocked.Increment(ref _begun);
        if (returning)
            Interlocked.Increment(ref _resumed);
        try
        {
            return await WelcomeAsync(connection, begun, channels, positions, returning ? resumed : null, attachedAt, mode, cancellation);
        }
        catch
        {
            // Half welcomed: the client does not know its session, and this connection can begin no other one. It comes back as by a lost connection.
            connection.Lanes.AfterCompletion(() => connection.Lanes.Close(CloseCode.Shutdown, TimeSpan.Zero));
            throw;
        }
    }

    /// <param name="resumed">The session that the client comes back with; null: it is new.</param>
    async Task<HelloResult> WelcomeAsync(
        HubConnection connection, HubSession begun, IReadOnlyList<string> channels, IReadOnlyList<Position> positions, string? resumed, DateTimeOffset attachedAt, string mode,
        CancellationToken cancellation)
    {
        var token = connection.Token;
        var told = await RejoinAsync(begun, connection, [.. positions.Where(static one => !DirectName.IsReserved(one.Channel))], channels, cancellation);
        var inDirects = await ResumeDirectsAsync(begun, token, [.. positions.Where(static one => DirectName.IsReserved(one.Channel))], resumed, cancellation);
        if (begun.NeedsSave)
            await SaveAsync(begun, cancellation);
        presence.Announce(begun);
        if (resumed is not null)
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
        if (connections.End(connection) is not { } session)
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
            await ReleaseAsync(session, SessionRules.LeaseAfter(connection.Incoming?.SilentFor ?? TimeSpan.Zero));
    }

    /// <summary>Its connection was gone before it had it: what a resume took from its row is leased again.</summary>
    async Task LetGoAsync(HubSession session)
    {
        session.RemoveAll();
        if (session.IsStored || session.ResumedBlind)
            await ReleaseAsync(session, SessionRules.Lease);
    }

    /// <summary>Its client may come back, anywhere: nothing ends but what needs a connection.</summary>
    async Task ReleaseAsync(HubSession session, TimeSpan lease)
    {
        ActionLog.Record("sessions", "lost", session.User);
        rooms.SessionDetached(session.Id);
        typing.SessionEnded(session.Id, session.User, session.Name);
        friends.Detach(session.User);
        try
        {
            await store.ReleaseAsync(session.Id, session.Generation, lease, CancellationToken.None);
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
        catch
        {
            // Whatever it was, the row is not as it should be.
            session.NeedsSave = true;
            throw;
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
}
