using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Delivery;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.People;
using Realtime.Signaling.Presence;

namespace Realtime.Signaling.Sessions;

/// <summary>What a session goes on with when its client comes back: its row, its channels, and from where.</summary>
public sealed partial class SessionService
{
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
            if (!session.TryEnter(reader, stored.Contains(feed.Channel, StringComparer.Ordinal)))
                continue;
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
