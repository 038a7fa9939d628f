using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Brings this replica's participants to where their room now lives: after a node's death or restart, while a node drains, when a higher epoch of the room is seen, or when a session
/// resumed late. Every replica does this for its own; compare-and-set lets one of them choose the node. A room that cannot be placed yet is tried again.
/// The set of rooms is bounded by the rooms of the participants attached here.
/// </summary>
public sealed partial class RoomMover(
    NodeDirectory directory, RoomPlacer placer, MediaNodes nodes, LocalParticipants local, RoomStates states, ISessionOutput output, ISessionRooms sessionRooms, RoomEventRouter router,
    IOptions<MediaControlOptions> options, Supervisor supervisor, ILogger<RoomMover> log) : SupervisedService(supervisor, "media.mover")
{
    /// <summary>Rooms at once, and participants of one room: a thousand of them are told within a second.</summary>
    const int AtOnce = 16;

    static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    readonly ConcurrentDictionary<string, long> _rooms = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _wake = new(0);
    readonly MovePace _pace = new(supervisor.Time);

    /// <summary>All rooms that have their place on this node.</summary>
    public void MoveAwayFrom(string node)
    {
        foreach (var room in local.RoomsAt(node))
            Want(room, 0);
        Wake();
    }

    /// <param name="epoch">One that is known to hold; 0: none is.</param>
    public void Ensure(string room, long epoch = 0)
    {
        Want(room, epoch);
        Wake();
    }

    void Want(string room, long epoch) => _rooms.AddOrUpdate(room, epoch, (_, known) => Math.Max(known, epoch));

    /// <summary>The room is known to live in this epoch.</summary>
    public void Seen(string room, long epoch)
    {
        if (local.IsBehind(room, epoch))
            Ensure(room, epoch);
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            // With rooms left over from the last round the wait is short; else it ends by a wake alone.
            await _wake.WaitAsync(_rooms.IsEmpty ? Timeout.InfiniteTimeSpan : RetryEvery, stopping);
            var rooms = _rooms.Keys;
            await Parallel.ForEachAsync(rooms, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping }, async (room, token) =>
            {
                _rooms.TryRemove(room, out var epoch);
                var done = false;
                await RunItemAsync("move", async inner => done = await MoveAsync(room, epoch, inner), token, room: room);
                if (!done)
                    Want(room, epoch);
            });
        }
    }

    /// <returns>False: not everybody could be brought yet.</returns>
    async Task<bool> MoveAsync(string room, long epoch, CancellationToken cancellation)
    {
        var participants = local.InRoom(room);
        // Moved by hand, and nobody of it is here: the copy that was is told all the same.
        if (participants.Count == 0 && epoch == 0)
            return true;
        try
        {
            var placement = await placer.PlaceAsync(room, cancellation, epoch);
            // Who has lost their node goes at once, who is still served there when it is their turn.
            var served = participants.Where(one => one.Epoch < placement.Epoch && directory.IsUsable(one.Placement.Node)).ToList();
            var turn = _pace.Take(placement, served.Count);
            var later = served.Skip(turn).ToHashSet();
            if (turn == 0 && later.Count > 0 && participants.All(one => one.Epoch >= placement.Epoch || later.Contains(one)))
                return false;
            await Parallel.ForEachAsync(participants.Where(one => !later.Contains(one)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, (participant, token) => BringAsync(participant, placement, token));
            await RetireBeforeAsync(placement, cancellation);
            return later.Count == 0;
        }
        catch (RealtimeException refused) when (refused.Error is { RetryAfterMs: not null } or { Code: ErrorCode.Conflict })
        {
            LogLater(room, refused.Error.Message);
            return false;
        }
    }

    async ValueTask BringAsync(LocalParticipant participant, Placement placement, CancellationToken cancellation)
    {
        if (participant.Epoch > placement.Epoch || (participant.Epoch == placement.Epoch && directory.Has(placement, participant.Participant) && !participant.NeedsTelling(placement.Epoch)))
            return;
        var caller = participant.Caller;
        // The part of the room it was in is gone, the room itself is not: the epoch says nothing, so it is told to join again.
        if (participant.Epoch == placement.Epoch && participant.Placement.Node != placement.Node && !directory.IsUsable(participant.Placement.Node))
        {
            local.Remove(participant);
            router.Tell(participant.Session, new PeerLeftEvent(placement.Room, placement.Epoch, participant.Participant, LeaveReason.TransportClosed));
            return;
        }

        // One whose part is on another node is at its place.
        if (participant.Epoch == placement.Epoch && directory.Has(participant.Placement, participant.Participant) && !participant.NeedsTelling(placement.Epoch))
            return;
        bool? lost = participant.Placement.Node.Length > 0 && !directory.IsUsable(participant.Placement.Node) ? true : null;
        // The epoch is raised first: events of the new copy may arrive before the answer.
        participant.MoveTo(placement);
        try
        {
            await nodes[placement.Node].JoinAsync(
                states.Complete(new JoinPeerCommand(
                    Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant.Participant, caller.User, caller.Name,
                    caller.Grants.AllowsPublish(), caller.Grants.AllowsSubscribe(), participant.Metadata)), cancellation);
        }
        catch (RealtimeException refused) when (refused.Error is { RetryAfterMs: null, Code: not ErrorCode.Conflict })
        {
            // It cannot come along (the room is full there, say): it is out, and told so, and everybody else goes on.
            local.Remove(participant);
            router.Tell(participant.Session, new PeerLeftEvent(placement.Room, placement.Epoch, participant.Participant, LeaveReason.RoomClosed));
            LogLeftBehind(placement.Room, placement.Node, refused.Error.Code);
            return;
        }
        var moved = participant.TryTell(placement.Epoch);
        ActionLog.Record("media.mover", moved ? "moved" : "rejoined", caller.User, placement.Room, placement.Node);
        if (moved)
            output.Send(participant.Session, HubEvent.Moved, new MovedEvent(placement.Room, placement.Epoch, lost));
        foreach (var fact in directory.Retell(placement, participant.Participant))
            router.Tell(participant.Session, fact);
        await RememberAsync(participant, cancellation);
    }

    async Task RememberAsync(LocalParticipant participant, CancellationToken cancellation)
    {
        try
        {
            await sessionRooms.SetAsync(participant.Session, [.. local.OfSession(participant.Session).Select(static one => one.ToSessionRoom())], cancellation);
        }
        catch (RealtimeException refused)
        {
            // The call goes on; a resume elsewhere finds the older epoch in the row, and is brought along then.
            ActionLog.RecordVerbose("media.mover", "notRemembered", participant.Caller.User, participant.Room, refused.Error.Code);
        }
    }

    /// <summary>The copy on a draining node goes on for those who have not come over yet, for a while.</summary>
    async Task RetireBeforeAsync(Placement placement, CancellationToken cancellation)
    {
        foreach (var copy in directory.Before(placement))
        {
            ActionLog.Record("media.mover", "retires", room: copy.Room, detail: copy.Node);
            await nodes[copy.Node].RetireRoomAsync(new RetireRoomCommand(Guid.CreateVersion7().ToString(), copy.Room, copy.Epoch, (int)options.Value.RetireWithin.TotalMilliseconds), cancellation);
        }
    }

    /// <summary>A wake too many costs one look at an empty set.</summary>
    void Wake()
    {
        // More than one look is never owed.
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Room {Room} cannot be moved yet: {Reason}")]
    partial void LogLater(string room, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A participant of room {Room} cannot come to {Node} ({Code}) and is told to join again")]
    partial void LogLeftBehind(string room, string node, string code);
}
