using System.Text;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>What the hub asks for about rooms, and what follows from the coming and going of sessions. Throws <see cref="RealtimeException"/> only.</summary>
public sealed partial class RoomService(
    RoomPlacer placer, RoomLinks links, MediaNodes nodes, NodeDirectory directory, LocalParticipants local, LeaveQueue leaves, RoomMover mover, RoomEventRouter router,
    ISessionRooms sessionRooms, TurnCredentials turn, RoomStates states, ILogger<RoomService> log)
{
    /// <summary>An offer of 64 sections from Chromium is about 200 KB.</summary>
    public const int MaxSdpBytes = 256 * 1024;

    public const int MaxMetadataBytes = 4096;

    /// <summary>One for each section that a peer may have.</summary>
    public const int MaxWishes = 64;

    public async Task<JoinRoomResult> JoinAsync(RoomCaller caller, JoinRoomRequest request, CancellationToken cancellation)
    {
        var room = RoomName.Check(request.Room);
        if (!caller.Grants.AllowsRoom(room))
            throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not grant this room.", "room"));
        if (request.Metadata is { } metadata && Encoding.UTF8.GetByteCount(metadata.GetRawText()) > MaxMetadataBytes)
            throw new RealtimeException(new(ErrorCode.TooLarge, $"Metadata may have {MaxMetadataBytes} bytes.", "metadata"));
        if (request.Sdp is not null)
            CheckOffer(request.Sdp);

        var placement = await placer.PlaceAsync(room, cancellation);
        // Who is in already stays where it is; for others there may be no place left there.
        placement = local.Find(caller.Session, room) is { } known && known.Epoch == placement.Epoch && directory.IsUsable(known.Placement.Node)
            ? known.Placement
            : await links.SpreadAsync(placement, cancellation);
        try
        {
            return await JoinAtAsync(caller, request, placement, cancellation);
        }
        catch (RealtimeException refused) when (refused.Error.Code == ErrorCode.Conflict)
        {
            // The room has moved on since we looked.
            var now = await placer.ReadAsync(room, cancellation);
            if (now is null || now == placement)
                throw;
            return await JoinAtAsync(caller, request, now, cancellation);
        }
    }

    async Task<JoinRoomResult> JoinAtAsync(RoomCaller caller, JoinRoomRequest request, Placement placement, CancellationToken cancellation)
    {
        // Joining again (a client that lost the answer, or whose room moved) keeps the participant.
        var earlier = local.Find(caller.Session, placement.Room);
        var participant = new LocalParticipant(caller, placement.Room, earlier?.Participant ?? Guid.CreateVersion7().ToString(), placement, request.Metadata);
        // Known before the command: the node's events about it may be here before the answer.
        if (!local.TryAdd(participant))
            throw new RealtimeException(new(ErrorCode.Conflict, $"A session can be in {LocalParticipants.MaxRoomsPerSession} rooms at once.", "room"));
        try
        {
            var joined = directory.Complete(placement, await nodes[placement.Node].JoinAsync(
                states.Complete(new JoinPeerCommand(
                    Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant.Participant, caller.User, caller.Name,
                    caller.Grants.AllowsPublish(), caller.Grants.AllowsSubscribe(), request.Metadata)), cancellation));
            ActionLog.Record("rooms", "joined", caller.User, placement.Room, placement.Node);
            // Written while the node answers: neither needs the other.
            var remembering = RememberAsync(caller.Session, cancellation);
            string? answer = null;
            try
            {
                if (request.Sdp is { } offer)
                    answer = (await NegotiateAsync(caller, participant, offer, request.Tracks, cancellation)).Sdp;
            }
            finally
            {
                await remembering;
            }
            return new JoinRoomResult(placement.Room, placement.Epoch, participant.Participant, turn.For(caller.User), [.. joined.Participants.Where(static one => !one.IsViewer)], joined.Tracks, answer, joined.Settings);
        }
        catch
        {
            // A first join that may have been half done is undone; one who was in already stays.
            local.Remove(participant);
            if (earlier is null)
                leaves.Add(placement, participant.Participant, LeaveReason.SessionEnded);
            else
                local.TryAdd(earlier);
            throw;
        }
    }

    public async Task LeaveAsync(RoomCaller caller, LeaveRoomRequest request, CancellationToken cancellation)
    {
        var participant = Find(caller, request.Room);
        local.Remove(participant);
        ActionLog.Record("rooms", "left", caller.User, participant.Room);
        leaves.Add(participant.Placement, participant.Participant, LeaveReason.Left);
        await RememberAsync(caller.Session, cancellation);
    }

    public async Task<NegotiateResult> NegotiateAsync(RoomCaller caller, NegotiateRequest request, CancellationToken cancellation)
    {
        var participant = Find(caller, request.Room);
        var offer = CheckOffer(request.Sdp);
        if (request.Epoch is { } epoch && epoch != participant.Epoch)
            throw new RealtimeException(new(ErrorCode.Conflict, $"The room's epoch is {participant.Epoch}: offer anew on a new peer connection.", "epoch"));
        return await NegotiateAsync(caller, participant, offer, request.Tracks, cancellation);
    }

    async Task<NegotiateResult> NegotiateAsync(RoomCaller caller, LocalParticipant participant, string offer, IReadOnlyList<TrackLabel>? tracks, CancellationToken cancellation)
    {
        if (!participant.TryBeginNegotiation())
            throw new RealtimeException(new(ErrorCode.Conflict, "A negotiation is in flight; offer again after its answer.", "sdp", RetryAfterMs: 100));
        try
        {
            var placement = participant.Placement;
            var answer = await nodes[placement.Node].NegotiateAsync(
                new NegotiatePeerCommand(Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant.Participant, offer, tracks, participant.TakeFresh()), cancellation);
            ActionLog.Record("rooms", "negotiated", caller.User, participant.Room);
            return new NegotiateResult(answer.Sdp);
        }
        finally
        {
            participant.EndNegotiation();
        }
    }

    public async Task SetTrackAsync(RoomCaller caller, SetTrackRequest request, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(request.Track) || request.Track.Length > 128)
            throw new RealtimeException(new(ErrorCode.Invalid, "A track id is needed.", "track"));
        if (request.Muted is not { } muted)
            throw new RealtimeException(new(ErrorCode.Invalid, "Say whether it is muted.", "muted"));
        var participant = request.Room is null && local.OfSession(caller.Session) is [var only] ? only : Find(caller, request.Room);
        var placement = participant.Placement;
        await nodes[placement.Node].SetTrackAsync(
            new SetTrackCommand(Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant.Participant, request.Track, muted), cancellation);
        ActionLog.Record("rooms", muted ? "muted" : "unmuted", caller.User, participant.Room);
    }

    public async Task SubscribeAsync(RoomCaller caller, SubscribeRequest request, CancellationToken cancellation)
    {
        if (request.Tracks is not { Count: <= MaxWishes } wishes)
            throw new RealtimeException(new(ErrorCode.Invalid, $"Up to {MaxWishes} tracks are needed.", "tracks"));
        if (wishes.Any(static wish => string.IsNullOrEmpty(wish?.Track) || wish.Track.Length > 128))
            throw new RealtimeException(new(ErrorCode.Invalid, "A track id is needed.", "tracks"));
        if (!caller.Grants.AllowsSubscribe())
            throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not let you subscribe."));
        var participant = Find(caller, request.Room);
        var placement = participant.Placement;
        await nodes[placement.Node].SubscribeAsync(
            new SubscribeCommand(Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant.Participant, wishes), cancellation);
    }

    /// <summary>A session came back, here, with these rooms in its row: it is told what it missed, and brought along where a room has moved.</summary>
    public void SessionResumed(RoomCaller caller, IReadOnlyList<SessionRoom> rooms)
    {
        foreach (var room in rooms)
        {
            // Where the room was is not in the row: if its live copy is another one by now, the mover brings the participant there.
            var live = directory.Live(room.Room) is { } copy && copy.Epoch == room.Epoch ? copy : null;
            var placement = live ?? new Placement(room.Room, "", room.Epoch);
            var participant = local.Find(caller.Session, room.Room)
                ?? new LocalParticipant(caller, room.Room, room.Participant, placement, directory.Peer(placement, room.Participant)?.Metadata);
            if (live is not null && !directory.Has(live, room.Participant))
            {
                // It left while the session was away: by its transport's end, or because somebody wanted it so.
                local.Remove(participant);
                router.Tell(caller.Session, directory.Departure(live, room.Participant) ?? new PeerLeftEvent(room.Room, room.Epoch, room.Participant, LeaveReason.TransportClosed));
            }
            else if (local.TryAdd(participant))
            {
                if (live is null)
                    mover.Ensure(room.Room);
                foreach (var fact in directory.Retell(placement, room.Participant))
                    router.Tell(caller.Session, fact);
            }
        }
    }

    /// <summary>A session ended for good: its participants leave.</summary>
    public void SessionEnded(string session, IReadOnlyList<SessionRoom> rooms, string reason)
    {
        var known = local.RemoveSession(session);
        foreach (var participant in known)
            leaves.Add(participant.Placement, participant.Participant, reason);
        foreach (var room in rooms.Where(room => !known.Any(one => one.Participant == room.Participant)))
        {
            if (directory.Live(room.Room) is { } placement)
                leaves.Add(placement, room.Participant, reason);
        }
    }

    /// <summary>The session's connection here is gone; the session may come back anywhere. Its participants stay in their rooms.</summary>
    public void SessionDetached(string session) => local.RemoveSession(session);

    static string CheckOffer(string? sdp)
    {
        if (string.IsNullOrEmpty(sdp))
            throw new RealtimeException(new(ErrorCode.Invalid, "An offer is needed.", "sdp"));
        return sdp.Length <= MaxSdpBytes ? sdp : throw new RealtimeException(new(ErrorCode.TooLarge, $"An offer may have {MaxSdpBytes} bytes.", "sdp"));
    }

    LocalParticipant Find(RoomCaller caller, string? room) =>
        local.Find(caller.Session, RoomName.Check(room)) ?? throw new RealtimeException(new(ErrorCode.NotFound, "You are not in this room: join it first.", "room"));

    async Task RememberAsync(string session, CancellationToken cancellation)
    {
        try
        {
            await sessionRooms.SetAsync(session, [.. local.OfSession(session).Select(static one => one.ToSessionRoom())], cancellation);
        }
        catch (RealtimeException refused)
        {
            // Postgres is away: the call goes on. If the session dies before the next change, the peer's transport ends its presence.
            LogNotRemembered(refused.Error.Code);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session's rooms could not be stored ({Code}); it goes on without")]
    partial void LogNotRemembered(string code);
}
