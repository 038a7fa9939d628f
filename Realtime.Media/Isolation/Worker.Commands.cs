using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Media.Rooms;
using Realtime.Media.Sdp;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;

namespace Realtime.Media.Isolation;

/// <summary>The commands of the control plane, executed on the worker's thread. Each is fenced by epoch and stands behind the fault wall.</summary>
public sealed partial class Worker
{
    static readonly WorkerReply<object> Done = new(new object(), null);
    static readonly RealtimeError RoomIsFull = new(ErrorCode.RateLimited, "The room is full.", Scope: "peers");

    /// <summary>A participant that is already there is left as it is: joining again answers with the room as it stands.</summary>
    /// <param name="admitNewRooms">False while draining.</param>
    public WorkerReply<JoinPeerResult> Join(Instant now, JoinPeerCommand command, ParticipantInfo info, bool admitNewRooms, Outbox outbox)
    {
        if (Enter(now, command.Room, command.Epoch, outbox, out var slot) is { } stale) return stale;
        if (slot is null && !admitNewRooms) return new RealtimeError(ErrorCode.Unavailable, "The node is draining.", RetryAfterMs: 0);
        if (circuits.Check(command.Room, command.User) is { } refused) return refused;
        slot ??= Open(command.Room, command.Epoch, command.Settings, command.Silenced);
        // A part of a room is opened by its link, which knows nothing of these.
        if (slot.Room.IsAwaited) slot.Room.Begin(command.Settings, command.Silenced);
        if (slot.Peers.ContainsKey(command.Participant)) return Describe(slot.Room);
        if (RefuseRetired(slot) is { } retired) return retired;
        return GuardNewcomer(now, slot, info, "join", outbox, () =>
        {
            var grants = new PeerGrants(command.Publish, command.Subscribe, environment.Quotas.PeerTracks, environment.Quotas.PeerSections);
            if (slot.Room.Join(now, info, grants) is not { } participant) return new WorkerReply<JoinPeerResult>(null, RoomIsFull);
            Seat(now, slot, participant);
            return Describe(slot.Room);
        });
    }

    public WorkerReply<NegotiatePeerResult> Negotiate(Instant now, NegotiatePeerCommand command, Outbox outbox)
    {
        if (!OfferReader.TryRead(command.Sdp, out var offer, out var unreadable))
        {
            if (rooms.TryGetValue(command.Room, out var there) && there.Peers.TryGetValue(command.Participant, out var offerer)) Failed(offerer, TransportFault.Negotiation);
            return Refusal(unreadable);
        }

        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        if (circuits.Find(command.Room, slot.Participant.Info.User) is { State: CircuitState.Open } && circuits.Check(command.Room, slot.Participant.Info.User) is { } refused) return refused;
        return Guard(now, slot.Room, slot, "negotiate", outbox, () =>
        {
            ActionLog.Record("media", "negotiate", slot.Participant.Info.User, command.Room, command.Participant);
            if (command.Fresh && slot.Participant.Peer.IsAnother(offer)) Reconnect(now, slot);
            var isFirst = slot.Participant.Peer.State == PeerState.New;
            var (answer, error) = slot.Room.Room.Negotiate(now, slot.Participant, offer, command.Tracks ?? []);
            if (error is not null)
            {
                Failed(slot, TransportFault.Negotiation);
                return new WorkerReply<NegotiatePeerResult>(null, Refusal(error));
            }

            table.SyncUfrags(slot);
            if (isFirst) AdmitHandshake(now, slot, outbox);
            return new NegotiatePeerResult(answer!);
        });
    }

    public WorkerReply<object> SetTrack(Instant now, SetTrackCommand command, Outbox outbox)
    {
        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        return Guard<object>(now, slot.Room, slot, "setTrack", outbox, () =>
        {
            ActionLog.Record("media", command.Muted ? "mute" : "unmute", slot.Participant.Info.User, command.Room, command.Track);
            var refused = command.ByModerator
                ? slot.Room.Room.Moderate(now, slot.Participant, command.Track, command.Muted, command.Locked)
                : slot.Room.Room.SetMuted(now, slot.Participant, command.Track, command.Muted);
            return refused is null ? Done : refused;
        });
    }

    public WorkerReply<object> Subscribe(Instant now, SubscribeCommand command, Outbox outbox)
    {
        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        return Guard<object>(now, slot.Room, slot, "subscribe", outbox, () =>
        {
            slot.Room.Room.Subscribe(now, slot.Participant, command.Tracks);
            return Done;
        });
    }

    /// <summary>Leaving twice, or a room that is gone, is fine: the participant is not there.</summary>
    public WorkerReply<object> Leave(Instant now, LeavePeerCommand command, Outbox outbox)
    {
        var error = Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot);
        if (error?.Code == ErrorCode.NotFound) return Done;
        if (error is not null) return error;
        return Guard(now, slot.Room, slot, "leave", outbox, () =>
        {
            slot.Room.Room.Leave(now, slot.Participant, command.Reason, outbox);
            return Done;
        });
    }

    public WorkerReply<object> CloseRoom(Instant now, CloseRoomCommand command, Outbox outbox)
    {
        if (Enter(now, command.Room, command.Epoch, outbox, out var slot) is { } stale) return stale;
        if (slot is not null) Close(now, slot, command.Reason, outbox);
        return Done;
    }

    public IReadOnlyList<RoomSnapshot> Snapshot() => [.. rooms.Values.Select(slot => RoomSnapshots.Of(slot.Room))];

    /// <summary>The fence: a lower epoch is refused, a higher one ends the copy of the room that is here.</summary>
    RealtimeError? Enter(Instant now, string name, long epoch, Outbox outbox, out RoomSlot? slot)
    {
        slot = null;
        if (fence.IsStale(name, epoch)) return new RealtimeError(ErrorCode.Conflict, "The room has moved on to a higher epoch.", Field: "epoch");
        fence.Raise(name, epoch);
        if (!rooms.TryGetValue(name, out slot)) return null;
        if (slot.Room.Epoch == epoch) return null;
        Close(now, slot, "superseded", outbox);
        slot = null;
        return null;
    }

    RealtimeError? Find(Instant now, string room, long epoch, string participant, Outbox outbox, out PeerSlot slot)
    {
        slot = null!;
        if (Enter(now, room, epoch, outbox, out var found) is { } stale) return stale;
        if (found is null) return new RealtimeError(ErrorCode.NotFound, "The room is not on this node.", Field: "room");
        return found.Peers.TryGetValue(participant, out slot!) ? null : new RealtimeError(ErrorCode.NotFound, "The participant is not in the room.", Field: "participant");
    }

    PeerSlot Seat(Instant now, RoomSlot slot, Participant participant)
    {
        var peer = new PeerSlot(slot, participant, environment.Quotas, now);
        slot.Peers.Add(participant.Id, peer);
        peers.Add(peer);
        counters.Peers = peers.Count - links;
        ActionLog.Record("media", "joined", participant.Info.User, slot.Room.Name, participant.Id);
        return peer;
    }

    RoomSlot Open(string name, long epoch, RoomSettings? settings = null, IReadOnlyList<SilencedUser>? silenced = null)
    {
        var slot = new RoomSlot(new Room(name, epoch, environment.Peers, entropy, counters.Drops));
        slot.Room.Begin(settings, silenced);
        rooms.Add(name, slot);
        counters.Rooms = rooms.Count;
        ActionLog.Record("media", "roomOpened", room: name);
        return slot;
    }

    void Close(Instant now, RoomSlot slot, string reason, Outbox outbox)
    {
        ActionLog.Record("media", "roomClosed", room: slot.Room.Name, detail: reason);
        Guard(now, slot, null, "closeRoom", outbox, () =>
        {
            slot.Room.Close(now, reason, outbox);
            return Done;
        });
    }

    void LeaveGuarded(Instant now, PeerSlot slot, string reason, Outbox outbox) =>
        Guard(now, slot.Room, slot, "leave", outbox, () =>
        {
            slot.Room.Room.Leave(now, slot.Participant, reason, outbox);
            return Done;
        });

    WorkerReply<T> Guard<T>(Instant now, RoomSlot room, PeerSlot? slot, string action, Outbox outbox, Func<WorkerReply<T>> work)
        where T : class
    {
        WorkerReply<T> reply;
        try
        {
            FaultPoint.Hit("media.room.command", action, slot?.Participant.Info.User, room.Room.Name);
            reply = work();
        }
        catch (Exception exception)
        {
            reply = Failed(wall.CloseFor(now, room, slot?.Participant, action, exception));
        }

        Settle(now, room);
        if (slot is not null) peers.Touch(slot);
        return reply;
    }

    /// <summary>A fault of one who comes in must not cost those who are there: it is as if they had come and gone.</summary>
    WorkerReply<T> GuardNewcomer<T>(Instant now, RoomSlot room, ParticipantInfo newcomer, string action, Outbox outbox, Func<WorkerReply<T>> work)
        where T : class =>
        Guard(now, room, null, action, outbox, () =>
        {
            try
            {
                FaultPoint.Hit("media.room.newcomer", action, newcomer.User, room.Room.Name);
                return work();
            }
            catch (Exception exception) when (room.Room.Find(newcomer.Participant) is { } seated)
            {
                return Failed(wall.CloseFor(now, room, seated, action, exception));
            }
            catch (Exception exception)
            {
                return Failed(wall.Refuse(room, newcomer, action, exception));
            }
        });

    static RealtimeError Failed(string incident) => new(ErrorCode.Internal, "The command failed; it was reported.", Incident: incident);

    /// <summary>One more handshake under way; beyond the bound the oldest gives way, so that a flood of joins cannot hold the memory of real ones.</summary>
    void AdmitHandshake(Instant now, PeerSlot slot, Outbox outbox)
    {
        halfOpen.Enqueue(slot);
        while (halfOpen.TryPeek(out var first) && IsSettled(first)) halfOpen.Dequeue();
        if (halfOpen.Count <= environment.Quotas.HalfOpenHandshakes) return;
        // One that takes long keeps those behind it in the queue that are done: they do not count.
        for (var waiting = halfOpen.Count; waiting > 0; waiting--)
        {
            var next = halfOpen.Dequeue();
            if (!IsSettled(next)) halfOpen.Enqueue(next);
        }

        while (halfOpen.Count > environment.Quotas.HalfOpenHandshakes)
        {
            counters.HandshakesEvicted++;
            LeaveGuarded(now, halfOpen.Dequeue(), LeaveReason.TransportClosed, outbox);
        }

        static bool IsSettled(PeerSlot waiting) => waiting.Participant.HasLeft || waiting.Participant.Peer.State != PeerState.Connecting;
    }

    static JoinPeerResult Describe(Room room) => new(
        [.. room.Participants.Where(participant => participant.Relay is null).Select(participant => participant.Info)],
        [.. room.Publications.Where(publication => publication.Publisher.Relay is null).Select(publication => publication.Info)],
        room.Settings);

    static RealtimeError Refusal(NegotiationError error) =>
        new(error.Code == NegotiationErrorCode.TooLarge ? ErrorCode.TooLarge : ErrorCode.Invalid, error.ToString(), Field: "sdp");
}
