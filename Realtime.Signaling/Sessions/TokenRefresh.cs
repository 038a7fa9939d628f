using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// Takes a newer token on a live connection. Its grants hold from here on: channels and rooms that it does not grant are left, and the client is told (<c>accessLost</c>); a
/// room whose publishing or subscribing is no longer granted is left too, because the node was told of it at the join.
/// </summary>
public sealed class TokenRefresh(TokenVerifier verifier, ChannelAccess access, RoomService rooms)
{
    public async Task<RefreshTokenResult> RefreshAsync(HubConnection connection, RefreshTokenRequest request, CancellationToken cancellation)
    {
        var verdict = await verifier.VerifyAsync(request.Token ?? "", cancellation);
        if (verdict.Token is not { } newer)
            throw new RealtimeException(verdict.Error);
        var before = connection.Token;
        if (newer.User != before.User)
            throw new RealtimeException(new(ErrorCode.Forbidden, "That is another user's token.", "token"));
        connection.Refresh(newer);
        ActionLog.Record("auth", "refreshed", newer.User);
        if (connection.Session is { } session)
        {
            await LeaveChannelsAsync(connection, session, before.Grants, newer, cancellation);
            await LeaveRoomsAsync(connection, session, before.Grants, newer, cancellation);
        }
        return new RefreshTokenResult(newer.Expires);
    }

    /// <summary>Only what the old token granted and the new one does not, and no membership allows: a direct conversation was never the token's to grant.</summary>
    async Task LeaveChannelsAsync(HubConnection connection, HubSession session, Grants before, UserToken newer, CancellationToken cancellation)
    {
        foreach (var channel in session.Channels.Where(channel => before.AllowsChannel(channel) && !newer.Grants.AllowsChannel(channel)))
        {
            if (await MayStayAsync(newer, channel, cancellation) || session.Remove(channel) is not { } reader)
                continue;
            reader.Feed.Unsubscribe(reader);
            reader.Feed.ChangeMembers(view => view.Leave(session.Id));
            session.NeedsSave = true;
            Tell(connection, new AccessLostEvent(channel));
        }
    }

    async Task<bool> MayStayAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        try
        {
            return await access.ReadVerdictAsync(token, channel, cancellation) == AccessVerdict.Allowed;
        }
        catch (RealtimeException)
        {
            // It cannot be known now: what is not granted is denied.
            return false;
        }
    }

    async Task LeaveRoomsAsync(HubConnection connection, HubSession session, Grants before, UserToken newer, CancellationToken cancellation)
    {
        var now = newer.Grants;
        var narrower = (before.AllowsPublish() && !now.AllowsPublish()) || (before.AllowsSubscribe() && !now.AllowsSubscribe());
        foreach (var room in session.Rooms.Where(room => narrower || !now.AllowsRoom(room.Room)))
        {
            await rooms.LeaveAsync(SessionService.Caller(session, newer), new LeaveRoomRequest(room.Room), cancellation);
            Tell(connection, new AccessLostEvent(Room: room.Room));
        }
    }

    static void Tell(HubConnection connection, AccessLostEvent lost) => connection.Lanes.Send(HubFrames.Encode(HubEvent.AccessLost, lost));
}
