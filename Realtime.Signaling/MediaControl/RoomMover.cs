using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Brings this replica's participants to where their room now lives: after a node's death or reboot, or when a session resumed late. Every
/// replica does this for its own; compare-and-set lets one of them choose the node. A room that cannot be placed yet is tried again.
/// The set of rooms is bounded by the rooms of the participants attached here.
/// </summary>
public sealed partial class RoomMover(
    NodeDirectory directory, RoomPlacer placer, MediaNodes nodes, LocalParticipants local, ISessionOutput output, ISessionRooms sessionRooms, RoomEventRouter router,
    Supervisor supervisor, ILogger<RoomMover> log) : SupervisedService(supervisor, "media.mover")
{
    static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    readonly ConcurrentDictionary<string, byte> _rooms = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>All rooms that had their place on this node.</summary>
    public void MoveAwayFrom(string node)
    {
        foreach (var room in local.Rooms().Where(room => local.InRoom(room).Any(one => one.Placement.Node == node)))
            _rooms[room] = 0;
        Wake();
    }

    public void Ensure(string room)
    {
        _rooms[room] = 0;
        Wake();
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            // With rooms left over from the last round the wait is short; else it ends by a wake alone.
            await _wake.WaitAsync(_rooms.IsEmpty ? Timeout.InfiniteTimeSpan : RetryEvery, stopping);
            foreach (var room in _rooms.Keys)
            {
                _rooms.TryRemove(room, out _);
                var done = false;
                await RunItemAsync("move", async token => done = await MoveAsync(room, token), stopping, room: room);
                if (!done)
                    _rooms[room] = 0;
            }
        }
    }

    /// <returns>False: not everybody could be brought yet.</returns>
    async Task<bool> MoveAsync(string room, CancellationToken cancellation)
    {
        if (local.InRoom(room).Count == 0)
            return true;
        try
        {
            var placement = await placer.PlaceAsync(room, cancellation);
            foreach (var participant in local.InRoom(room))
                await BringAsync(participant, placement, cancellation);
            return true;
        }
        catch (RealtimeException refused) when (refused.Error.RetryAfterMs is not null)
        {
            LogLater(room, refused.Error.Message);
            return false;
        }
    }

    async Task BringAsync(LocalParticipant participant, Placement placement, CancellationToken cancellation)
    {
        if (participant.Epoch == placement.Epoch && directory.Has(placement, participant.Participant))
            return;
        var moved = participant.Epoch != placement.Epoch;
        var caller = participant.Caller;
        // The epoch is raised first: events of the new copy may arrive before the answer.
        participant.MoveTo(placement);
        await nodes[placement.Node].JoinAsync(
            new JoinPeerCommand(
                Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant.Participant, caller.User, caller.Name,
                caller.Grants.AllowsPublish(), caller.Grants.AllowsSubscribe(), participant.Metadata), cancellation);
        ActionLog.Record("media.mover", moved ? "moved" : "rejoined", caller.User, placement.Room, placement.Node);
        if (moved)
            output.Send(participant.Session, HubEvent.Moved, new MovedEvent(placement.Room, placement.Epoch));
        foreach (var fact in directory.Retell(placement, participant.Participant))
            router.Tell(participant.Session, fact);
        await sessionRooms.SetAsync(participant.Session, [.. local.OfSession(participant.Session).Select(static one => one.ToSessionRoom())], cancellation);
    }

    /// <summary>A wake too many costs one look at an empty set.</summary>
    void Wake() => _wake.Release();

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Room {Room} cannot be moved yet: {Reason}")]
    partial void LogLater(string room, string reason);
}
