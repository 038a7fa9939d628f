using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Leaves until the node has acknowledged them: a session that ended must not stay in its rooms because a node was busy for a second, nor because this replica died meanwhile. Each is
/// written to <see cref="IPendingLeaves"/> while it is sent for the first time (neither waits for the other), tried here for <see cref="MediaControlOptions.LeaveRetryFor"/>, and after that
/// by the <see cref="LeaveSweeper"/> of any replica. One for a lost node is over: its copy of the room is fenced. With more than <see cref="Capacity"/> waiting here the oldest is left to
/// the sweeper.
/// </summary>
public sealed partial class LeaveQueue(
    MediaNodes nodes, NodeDirectory directory, IPendingLeaves store, IOptions<MediaControlOptions> options, Supervisor supervisor, ILogger<LeaveQueue> log)
    : SupervisedService(supervisor, "media.leaves")
{
    public const int Capacity = 10_000;

    const int BatchSize = 256;

    static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Beyond the time it is tried here, before it counts as stuck.</summary>
    static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(15);

    readonly Channel<Waiting> _queue = System.Threading.Channels.Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    sealed class Waiting(PendingLeave leave, DateTimeOffset giveUpAt)
    {
        public PendingLeave Leave => leave;
        public DateTimeOffset GiveUpAt => giveUpAt;
        public bool Stored;
    }

    public void Add(Placement placement, string participant, string reason) => _queue.Writer.TryWrite(new Waiting(
        new PendingLeave(Guid.CreateVersion7().ToString(), placement, participant, reason), Time.GetUtcNow() + options.Value.LeaveRetryFor));

    /// <returns>Whether there is nothing more to do: acknowledged, or refused because it is so already, or the node is lost.</returns>
    internal async Task<bool> TrySendAsync(PendingLeave leave, CancellationToken stopping)
    {
        var placement = leave.Placement;
        if (!nodes.TryGet(placement.Node, out var node) || !directory.IsUsable(placement.Node))
            return true;
        try
        {
            await node.LeaveAsync(new LeavePeerCommand(leave.Id, placement.Room, placement.Epoch, leave.Participant, leave.Reason), stopping);
        }
        catch (RealtimeException refused) when (refused.Error.RetryAfterMs is not null)
        {
            return false;
        }
        catch (RealtimeException refused)
        {
            // The node no longer has the room or the participant: that is what was asked for.
            ActionLog.RecordVerbose(Name, "refused", room: placement.Room, detail: refused.Error.Code);
        }
        return true;
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var batch = new List<Waiting>();
        while (await _queue.Reader.WaitToReadAsync(stopping))
        {
            batch.Clear();
            while (batch.Count < BatchSize && _queue.Reader.TryRead(out var waiting))
                batch.Add(waiting);
            var storing = StoreAsync([.. batch.Where(static one => !one.Stored)], stopping);
            // Nodes side by side, so that a dead one delays only its own.
            var left = (await Task.WhenAll(batch.GroupBy(static one => one.Leave.Placement.Node).Select(group => TryAllAsync([.. group], stopping)))).SelectMany(static one => one).ToHashSet();
            await storing;
            await ForgetAsync([.. batch.Where(one => one.Stored && !left.Contains(one)).Select(static one => one.Leave.Id)], stopping);
            left.RemoveWhere(IsGivenUp);
            if (left.Count == 0)
                continue;
            await Task.Delay(RetryEvery, Time, stopping);
            foreach (var again in left)
                _queue.Writer.TryWrite(again);
        }
    }

    async Task<List<Waiting>> TryAllAsync(List<Waiting> waiting, CancellationToken stopping)
    {
        var again = new List<Waiting>();
        foreach (var one in waiting)
        {
            if (!await TrySendAsync(one.Leave, stopping))
                again.Add(one);
        }
        return again;
    }

    bool IsGivenUp(Waiting waiting)
    {
        if (Time.GetUtcNow() <= waiting.GiveUpAt)
            return false;
        LogGivenUp(waiting.Leave.Placement.Node, waiting.Leave.Placement.Room);
        return true;
    }

    async Task StoreAsync(List<Waiting> fresh, CancellationToken stopping)
    {
        if (fresh.Count == 0)
            return;
        try
        {
            var now = Time.GetUtcNow();
            await store.AddAsync([.. fresh.Select(static one => one.Leave)], now, now + options.Value.LeaveRetryFor + LeaseMargin, stopping);
            fresh.ForEach(static one => one.Stored = true);
        }
        catch (RealtimeException refused)
        {
            // Postgres is away: they are in memory, and written with the next attempt.
            ActionLog.RecordVerbose(Name, "notStored", detail: refused.Error.Code);
        }
    }

    async Task ForgetAsync(List<string> done, CancellationToken stopping)
    {
        if (done.Count == 0)
            return;
        try
        {
            await store.RemoveAsync(done, stopping);
        }
        catch (RealtimeException refused)
        {
            // The sweeper sends them once more; the node knows that they are done.
            ActionLog.RecordVerbose(Name, "notForgotten", detail: refused.Error.Code);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A leave for room {Room} on {Node} is not acknowledged; the sweeper goes on with it")]
    partial void LogGivenUp(string node, string room);
}
