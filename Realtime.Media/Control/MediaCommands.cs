using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Isolation;
using Realtime.Media.Sdp;

namespace Realtime.Media.Control;

/// <summary>Brings commands to the worker their room lives on, and its answers back.</summary>
public sealed class MediaCommands(WorkerFleet fleet, RoomParts parts, RoomRelays relays, NodeIdentity identity, NodeStatistics statistics, Drain drain, JoinTraces joins, TimeProvider time)
{
    /// <summary>A worker answers within milliseconds; the caller waits a second at most (contract), the command itself goes on.</summary>
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    const int MaxIdLength = 256;
    const int MaxRetirementMs = 600_000;

    /// <summary>About how long a worker needs to start anew.</summary>
    const int RestartMs = 1000;

    public Task<ControlAnswer> JoinAsync(JoinPeerCommand command)
    {
        if (string.IsNullOrEmpty(command.User) || command.Name is null) return Refuse("user");
        var info = new ParticipantInfo(command.Participant, command.User, command.Name, time.GetUtcNow(), command.Metadata);
        return JoinAsync(command, info);
    }

    async Task<ControlAnswer> JoinAsync(JoinPeerCommand command, ParticipantInfo info)
    {
        var answer = await EnterAsync<JoinPeerResult>(command.Room, command.Epoch, command.Participant, (worker, now, outbox, admit) => worker.Join(now, command, info, admit, outbox));
        var workers = parts.WorkersOf(command.Room);
        if (answer.Status != StatusCodes.Status200OK || workers.Count == 1) return answer;
        var (participants, tracks) = (new List<ParticipantInfo>(), new List<TrackInfo>());
        foreach (var index in workers)
        {
            if (fleet.Workers[index].Mailbox.TryCall((worker, _, _) => worker.DescribePart(command.Room)) is not { } call || await call.WaitAsync(AnswerTimeout, time) is not { } part) continue;
            participants.AddRange(part.Participants);
            tracks.AddRange(part.Tracks);
        }

        return ControlAnswer.Of<object>(new JoinPeerResult(participants, [.. tracks.DistinctBy(static track => track.Track)]));
    }

    public Task<ControlAnswer> NegotiateAsync(NegotiatePeerCommand command)
    {
        if (string.IsNullOrEmpty(command.Sdp)) return Refuse("sdp");
        // Clients write them, and JSON lists may hold nulls.
        if (command.Tracks is { } labels && (labels.Count > SdpLimits.Default.Sections || labels.Any(static label => label?.Mid is null || label.Source?.Length > MaxIdLength)))
            return Refuse("tracks");
        return CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.Negotiate(now, command, outbox));
    }

    public Task<ControlAnswer> OpenAsync(OpenPeerCommand command)
    {
        if (string.IsNullOrEmpty(command.User) || command.Name is null) return Refuse("user");
        if (command.Via is not (JoinedVia.Whip or JoinedVia.Whep)) return Refuse("via");
        if (command.Play?.Length > MaxIdLength) return Refuse("play");
        if (string.IsNullOrEmpty(command.Sdp)) return Refuse("sdp");
        var info = new ParticipantInfo(command.Participant, command.User, command.Name, time.GetUtcNow(), Via: command.Via);
        return EnterAsync<OpenPeerResult>(command.Room, command.Epoch, command.Participant, (worker, now, outbox, admit) => worker.Open(now, command, info, admit, outbox));
    }

    public Task<ControlAnswer> IceAsync(IcePeerCommand command) =>
        CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.Ice(now, command, outbox));

    public Task<ControlAnswer> SetTrackAsync(SetTrackCommand command) => string.IsNullOrEmpty(command.Track)
        ? Refuse("track")
        : CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.SetTrack(now, command, outbox));

    public Task<ControlAnswer> SubscribeAsync(SubscribeCommand command)
    {
        if (command.Tracks is not { } wishes || wishes.Count > SdpLimits.Default.Sections || wishes.Any(static wish => string.IsNullOrEmpty(wish?.Track) || wish.Track.Length > MaxIdLength))
            return Refuse("tracks");
        return CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.Subscribe(now, command, outbox));
    }

    public Task<ControlAnswer> LeaveAsync(LeavePeerCommand command) => string.IsNullOrEmpty(command.Reason)
        ? Refuse("reason")
        : CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.Leave(now, command, outbox));

    public Task<ControlAnswer> CloseRoomAsync(CloseRoomCommand command) => string.IsNullOrEmpty(command.Reason)
        ? Refuse("reason")
        : CallPartsAsync(command.Room, (worker, now, outbox) => worker.CloseRoom(now, command, outbox));

    public Task<ControlAnswer> RetireRoomAsync(RetireRoomCommand command) => command.WithinMs is < 0 or > MaxRetirementMs
        ? Refuse("withinMs")
        : CallPartsAsync(command.Room, (worker, now, _) => worker.Retire(now, command));

    /// <summary>To every worker: each has rooms of its own.</summary>
    public async Task<ControlAnswer> RenewAsync(RenewCommand command)
    {
        if (command.Superseded is null || command.Superseded.Any(static each => each is null || string.IsNullOrEmpty(each.Room) || each.Room.Length > MaxIdLength)) return await Refuse("superseded");
        for (var i = 0; i < fleet.Workers.Count; i++)
        {
            var index = i;
            var own = command with { Superseded = [.. command.Superseded.Where(each => parts.WorkersOf(each.Room).Contains(index))] };
            var answer = await CallAsync(fleet.Workers[i], (worker, now, outbox) => worker.Renew(now, own, outbox));
            if (answer.Status != StatusCodes.Status200OK) return answer;
        }

        return ControlAnswer.Of(new Done());
    }

    /// <summary>One end of a link to the room's part on another node: here it is the room's first worker that has it.</summary>
    public async Task<ControlAnswer> RelayAsync(RelayCommand command)
    {
        var answer = await CallAsync(command.Room, participant: "-", (worker, now, outbox) => worker.Relay(now, command, outbox));
        if (answer.Status != StatusCodes.Status200OK) return answer;
        return relays.AddressOf(command.Room) is { } address
            ? ControlAnswer.Of(new RelayResult(address))
            : ControlAnswer.Refuse(new RealtimeError(ErrorCode.Unavailable, "Without UDP a room cannot be spread over nodes.", RetryAfterMs: 5000));
    }

    public Task<ControlAnswer> DrainAsync(DrainCommand command)
    {
        if (!command.End) drain.Begin();
        else if (!drain.TryEnd()) return Task.FromResult(ControlAnswer.Refuse(new RealtimeError(ErrorCode.Conflict, "This node stops.")));
        return Task.FromResult(ControlAnswer.Of(new Done()));
    }

    /// <summary>All rooms of all workers; a reader is attached to each worker in the same breath, so that it misses and repeats nothing.</summary>
    public async Task<NodeSnapshot> SnapshotAsync(EventReader? reader, CancellationToken cancellation)
    {
        var rooms = new List<RoomSnapshot>();
        for (var i = 0; i < fleet.Workers.Count; i++)
        {
            var index = i;
            var call = fleet.Workers[i].Mailbox.TryCall((worker, _, _) =>
            {
                reader?.Attach(index);
                return worker.Snapshot();
            }) ?? throw new InvalidOperationException("The worker's mailbox is full.");
            rooms.AddRange(await call.WaitAsync(AnswerTimeout, time, cancellation));
        }

        // The parts of a room are one room to everybody.
        var whole = rooms.GroupBy(static room => (room.Room, room.Epoch)).Select(static room => room.Aggregate(static (a, b) => a with { Peers = [.. a.Peers, .. b.Peers], Tracks = [.. a.Tracks, .. b.Tracks] }));
        return new NodeSnapshot(identity.Node, identity.Boot, statistics.Current, [.. whole]);
    }

    internal async Task<ControlAnswer> CallAsync<T>(string room, string participant, Func<Worker, Instant, Outbox, WorkerReply<T>> work)
        where T : class
    {
        if (string.IsNullOrEmpty(room) || room.Length > MaxIdLength) return await Refuse("room");
        if (string.IsNullOrEmpty(participant) || participant.Length > MaxIdLength) return await Refuse("participant");
        return await CallAsync(fleet.Workers[parts.WorkerOf(room, participant)], work);
    }

    /// <summary>One who comes in: where the room has place for it, which may be a new part of the room.</summary>
    async Task<ControlAnswer> EnterAsync<T>(string room, long epoch, string participant, Func<Worker, Instant, Outbox, bool, WorkerReply<T>> enter)
        where T : class
    {
        if (string.IsNullOrEmpty(room) || room.Length > MaxIdLength) return await Refuse("room");
        if (string.IsNullOrEmpty(participant) || participant.Length > MaxIdLength) return await Refuse("participant");
        joins.Begin(room, epoch, participant);
        var seat = parts.Take(room, epoch, participant);
        var refused = seat.Link is null ? null : await relays.OpenAsync(room, epoch, seat);
        var admitNewRooms = !drain.IsDraining || seat.Worker != seat.Home;
        var answer = refused is not null ? ControlAnswer.Refuse(refused) : await CallAsync(fleet.Workers[seat.Worker], (worker, now, outbox) => enter(worker, now, outbox, admitNewRooms));
        if (answer.Status == StatusCodes.Status200OK) return answer;
        joins.Refused(room, epoch, participant);
        if (refused is not null) relays.EndPart(room, seat.Worker);
        if (seat.IsNew && parts.Release(room, epoch, participant) is { } link) relays.End(room, link);
        return answer;
    }

    /// <summary>A command to the room itself goes to all its parts.</summary>
    internal async Task<ControlAnswer> CallPartsAsync<T>(string room, Func<Worker, Instant, Outbox, WorkerReply<T>> work)
        where T : class
    {
        if (string.IsNullOrEmpty(room) || room.Length > MaxIdLength) return await Refuse("room");
        ControlAnswer answer = null!;
        foreach (var worker in parts.WorkersOf(room).Reverse())
        {
            answer = await CallAsync(fleet.Workers[worker], work);
            if (answer.Status != StatusCodes.Status200OK) return answer;
        }

        return answer;
    }

    async Task<ControlAnswer> CallAsync<T>(WorkerThread worker, Func<Worker, Instant, Outbox, WorkerReply<T>> work)
        where T : class
    {
        if (worker.Mailbox.TryCall(work) is not { } call)
            return ControlAnswer.Refuse(new RealtimeError(ErrorCode.UnknownOutcome, "The worker has too much to do.", RetryAfterMs: 1000));
        WorkerReply<T> reply;
        try
        {
            reply = await call.WaitAsync(AnswerTimeout, time);
        }
        catch (WorkerDownException down)
        {
            return ControlAnswer.Refuse(down.MayHaveRun
                ? new RealtimeError(ErrorCode.Internal, "The worker failed; it was reported and starts anew.", RetryAfterMs: RestartMs)
                : new RealtimeError(ErrorCode.Unavailable, "The worker starts anew after a fault.", RetryAfterMs: RestartMs));
        }

        var (value, error) = reply;
        if (error is not null) return ControlAnswer.Refuse(error);
        return value is JoinPeerResult or NegotiatePeerResult or OpenPeerResult or IcePeerResult ? ControlAnswer.Of<object>(value) : ControlAnswer.Of(new Done());
    }

    static Task<ControlAnswer> Refuse(string field) =>
        Task.FromResult(ControlAnswer.Refuse(new RealtimeError(ErrorCode.Invalid, $"{field} is missing or too long.", Field: field)));
}
