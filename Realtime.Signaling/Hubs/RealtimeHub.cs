using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.People;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// The hub of contract.md: each method takes one request record, calls the part that knows, returns one result record. Limits, faults and errors are the filters' business;
/// events go out through the connection's lanes, not through SignalR's groups.
/// </summary>
public sealed partial class RealtimeHub(SessionService sessions, ChannelService channels, MessageEditing editing, ReadMarks reads, RoomService rooms, PeopleCalls people, ModeMonitor mode) : Hub
{
    HubConnection Connection => ErrorFilter.ConnectionOf(Context) ?? throw new InvalidOperationException("A hub connection without lanes.");

    HubSession Session => Connection.Session ?? throw new RealtimeException(new(ErrorCode.Conflict, "Say Hello first."));

    CancellationToken Aborted => Context.ConnectionAborted;

    [Limited(LimitName.Sessions, Itself = true)]
    public Task<HelloResult> Hello(HelloRequest request) => sessions.HelloAsync(Connection, request, mode.State.Mode, Aborted);

    [Limited(LimitName.Channels)]
    public async Task<JoinChannelResult> JoinChannel(JoinChannelRequest request)
    {
        var joined = await channels.JoinAsync(Session, Connection.Token, request, Aborted);
        people.Joined(Session, joined);
        return joined;
    }

    [Limited(LimitName.Channels)]
    public async Task<LeaveChannelResult> LeaveChannel(LeaveChannelRequest request)
    {
        var left = await channels.LeaveAsync(Session, request, Aborted);
        people.StoppedTyping(Session, left.Channel);
        return left;
    }

    [Limited(LimitName.Messages)]
    public async Task<SendMessageResult> SendMessage(SendMessageRequest request)
    {
        var session = Session;
        var sent = await channels.SendAsync(Connection.Token, request);
        people.StoppedTyping(session, request.Channel);
        return sent;
    }

    [Limited(LimitName.Edits)]
    public Task<ChangeMessageResult> EditMessage(EditMessageRequest request)
    {
        _ = Session;
        return editing.EditAsync(Connection.Token, request);
    }

    [Limited(LimitName.Deletes)]
    public Task<ChangeMessageResult> DeleteMessage(DeleteMessageRequest request)
    {
        _ = Session;
        return editing.DeleteAsync(Connection.Token, request);
    }

    [Limited(LimitName.Calls)]
    public Task<Done> MarkRead(MarkReadRequest request) => reads.MarkAsync(Session, request, Aborted);

    [Limited(LimitName.Calls)]
    public Task<IReadOnlyList<Message>> History(HistoryRequest request)
    {
        _ = Session;
        return channels.HistoryAsync(Connection.Token, request, Aborted);
    }

    [Limited(LimitName.Voice)]
    public Task<JoinRoomResult> JoinRoom(JoinRoomRequest request)
    {
        var session = Session;
        // The room's first events must not come before the answer that says what room it is.
        session.Lanes.HoldUntilCompletion();
        return rooms.JoinAsync(SessionService.Caller(session, Connection.Token), request, Aborted);
    }

    [Limited(LimitName.Voice)]
    public async Task<Done> LeaveRoom(LeaveRoomRequest request)
    {
        await rooms.LeaveAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);
        return new Done();
    }

    [Limited(LimitName.Negotiations)]
    public Task<NegotiateResult> Negotiate(NegotiateRequest request) => rooms.NegotiateAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);

    [Limited(LimitName.Negotiations)]
    public async Task<Done> Subscribe(SubscribeRequest request)
    {
        await rooms.SubscribeAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);
        return new Done();
    }

    [Limited(LimitName.Voice)]
    public async Task<Done> SetTrack(SetTrackRequest request)
    {
        await rooms.SetTrackAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);
        return new Done();
    }

    [Limited(LimitName.Typing)]
    public Task<Done> Typing(TypingRequest request) => people.TypeAsync(Session, Connection.Token, request, Aborted);

    [Limited(LimitName.Presence)]
    public Task<Done> SetPresence(SetPresenceRequest request) => people.SetPresenceAsync(Session, request, Aborted);

    [Limited(LimitName.Friends)]
    public Task<Friend> RequestFriend(FriendRequest request) => people.RequestFriendAsync(Session, Connection.Token, request, Aborted);

    [Limited(LimitName.Friends)]
    public Task<Friend> AnswerFriend(AnswerFriendRequest request) => people.AnswerFriendAsync(Session, Connection.Token, request, Aborted);

    [Limited(LimitName.Friends)]
    public Task<Friend> RemoveFriend(FriendRequest request) => people.RemoveFriendAsync(Session, Connection.Token, request, Aborted);

    /// <summary>What <see cref="GuardedJsonProtocol"/> makes of a call that could not be read: refused like any other, so that it counts and is explained.</summary>
    [Limited(LimitName.Calls)]
    public Task<Done> Malformed(string target, string code) => throw new RealtimeException(
        code == ErrorCode.TooLarge ? new(code, $"The call of {target} is too large.") : new(code, $"The call of {target} could not be read: unknown method, or arguments of another shape."));

    public override Task OnDisconnectedAsync(Exception? exception) => Context.Features.Get<HubConnection>() is { } connection ? sessions.DisconnectedAsync(connection) : Task.CompletedTask;
}
