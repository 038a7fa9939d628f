using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Rooms;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Whip;

/// <summary>What came of an offer.</summary>
/// <param name="Ufrag">The server's: the entity tag of the ICE session.</param>
public sealed record OpenedSession(HttpSession Session, string Answer, string Ufrag);

/// <summary>
/// WHIP and WHEP without HTTP: opens sessions at the room's node, and finds them there again. Nothing is kept here: the node holds the participant, the session's id says
/// which it is, and consent (30 s) ends what nobody uses. Throws <see cref="RealtimeException"/> only.
/// </summary>
public sealed class HttpSessions(
    RoomPlacer placer, MediaNodes nodes, NodeDirectory directory, LeaveQueue leaves, LimitGate limits, Admission admission, IOptionsMonitor<WhipOptions> options, TimeProvider time)
{
    /// <summary>After so long without a word from its node a session is over: its consent has expired, or its room has moved without it.</summary>
    static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(30);

    const int FullRetryAfterMs = 5000;

    /// <summary>May this user, at all and right now? Asked before the offer is read.</summary>
    /// <param name="play">A WHEP viewer's publisher; null for the room.</param>
    public async Task AdmitAsync(UserToken token, string via, string room, string? play)
    {
        RoomName.Check(room);
        if (play is not null && !NameRules.IsUser(play))
            throw new RealtimeException(new(ErrorCode.Invalid, "That names neither a participant nor a user.", "participant"));
        if (!token.Grants.AllowsRoom(room))
            throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not grant this room.", "room"));
        var publishes = via == JoinedVia.Whip;
        if (publishes ? !token.Grants.AllowsPublish() : !token.Grants.AllowsSubscribe())
            throw new RealtimeException(new(ErrorCode.Forbidden, publishes ? "Your token does not grant publishing." : "Your token does not grant subscribing."));
        admission.CheckNewSession();
        await limits.AdmitAsync(LimitName.Voice, token.User);

        var bounds = options.CurrentValue;
        if (directory.Sessions((_, info) => info.User == token.User).Count >= bounds.SessionsPerUser)
            throw Full($"A user can have {bounds.SessionsPerUser} sessions.");
        var most = publishes ? bounds.PublishersPerRoom : bounds.ViewersPerRoom;
        if (directory.Sessions((name, info) => name == room && info.Via == via).Count >= most)
            throw Full($"A room takes {most} {(publishes ? "publishers by WHIP" : "viewers by WHEP")}.");
    }

    /// <summary>After <see cref="AdmitAsync"/>.</summary>
    public async Task<OpenedSession> OpenAsync(UserToken token, string via, string room, string? play, string offer, CancellationToken cancellation)
    {
        var placement = await placer.PlaceAsync(room, cancellation);
        try
        {
            return await OpenAtAsync(placement, token, via, play, offer, cancellation);
        }
        catch (RealtimeException refused) when (refused.Error.Code == ErrorCode.Conflict)
        {
            // The room has moved on since we looked.
            var now = await placer.ReadAsync(room, cancellation);
            if (now is null || now == placement)
                throw;
            return await OpenAtAsync(now, token, via, play, offer, cancellation);
        }
    }

    /// <summary>Candidates, or a restart. The answer says whether the ICE session it was meant for is the current one.</summary>
    /// <param name="tags">ICE sessions it is meant for; null: whichever is current.</param>
    public async Task<IcePeerResult> IceAsync(HttpSession session, string user, IReadOnlyList<string>? tags, IceFragment fragment, CancellationToken cancellation)
    {
        await limits.AdmitAsync(LimitName.Negotiations, user);
        var placement = session.Placement;
        if (!nodes.TryGet(placement.Node, out var node) || HasEnded(placement))
            throw Gone();
        try
        {
            return await node.IceAsync(
                new IcePeerCommand(Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, session.Participant, tags, fragment.Ufrag, fragment.Pwd), cancellation);
        }
        catch (RealtimeException refused) when (refused.Error.Code is ErrorCode.NotFound or ErrorCode.Conflict)
        {
            throw Gone();
        }
    }

    /// <summary>Ends the session, now or as soon as its node listens. Ending what has ended is fine.</summary>
    public async Task EndAsync(HttpSession session, string user, CancellationToken cancellation)
    {
        await limits.AdmitAsync(LimitName.Negotiations, user);
        var placement = session.Placement;
        ActionLog.Record(session.Via, "ended", user, placement.Room, placement.Node);
        if (!nodes.TryGet(placement.Node, out var node))
            return;
        try
        {
            await node.LeaveAsync(new LeavePeerCommand(Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, session.Participant, LeaveReason.Left), cancellation);
        }
        catch (RealtimeException refused) when (refused.Error.RetryAfterMs is not null)
        {
            leaves.Add(placement, session.Participant, LeaveReason.Left);
        }
        catch (RealtimeException refused)
        {
            // The room has moved on; the participant did not come along.
            ActionLog.RecordVerbose(session.Via, "hadEnded", user, placement.Room, refused.Error.Code);
        }
    }

    async Task<OpenedSession> OpenAtAsync(Placement placement, UserToken token, string via, string? play, string offer, CancellationToken cancellation)
    {
        var session = new HttpSession(via, placement, Guid.CreateVersion7().ToString());
        try
        {
            var opened = await nodes[placement.Node].OpenAsync(
                new OpenPeerCommand(
                    Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, session.Participant, token.User, token.Name, via, offer, play,
                    token.Id.Length == 0 ? null : token.Id), cancellation);
            ActionLog.Record(via, "opened", token.User, placement.Room, placement.Node);
            return new OpenedSession(session, opened.Sdp, opened.Ufrag);
        }
        catch (Exception failure) when (failure is not RealtimeException refused || refused.Error.Code == ErrorCode.UnknownOutcome)
        {
            // It may be in the room, and nobody will ever learn its id.
            leaves.Add(placement, session.Participant, LeaveReason.SessionEnded);
            throw;
        }
    }

    bool HasEnded(Placement placement)
    {
        if (directory.Live(placement.Room) is { } live && live.Epoch > placement.Epoch)
            return true;
        var node = directory.Nodes().FirstOrDefault(one => one.Node == placement.Node);
        // A node that was never heard of is new to this replica, not dead.
        return node is { State: NodeState.Lost } && node.LastHeartbeat != default && time.GetUtcNow() - node.LastHeartbeat > LostAfter;
    }

    static RealtimeException Full(string message) => new(new(ErrorCode.RateLimited, message, RetryAfterMs: FullRetryAfterMs, Scope: "sessions"));

    static RealtimeException Gone() => new(new(ErrorCode.NotFound, "There is no such session, or it has ended."));
}
