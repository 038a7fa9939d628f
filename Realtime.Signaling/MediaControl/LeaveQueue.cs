using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Leaves until the node has acknowledged them: a session that ended must not stay in its rooms because a node was busy for a second. Given up
/// after <see cref="MediaControlOptions.LeaveRetryFor"/>, or when the node is lost (its copy of the room is fenced then). Bounded: with more than
/// <see cref="Capacity"/> waiting the oldest is dropped, and the node's own consent timer ends that peer.
/// </summary>
public sealed partial class LeaveQueue(MediaNodes nodes, NodeDirectory directory, IOptions<MediaControlOptions> options, Supervisor supervisor, ILogger<LeaveQueue> log)
    : SupervisedService(supervisor, "media.leaves")
{
    public const int Capacity = 10_000;

    static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(500);

    readonly Channel<Pending> _queue = System.Threading.Channels.Channel.CreateBounded<Pending>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    sealed record Pending(string Node, LeavePeerCommand Command, DateTimeOffset GiveUpAt);

    public void Add(Placement placement, string participant, string reason) => _queue.Writer.TryWrite(new Pending(
        placement.Node,
        new LeavePeerCommand(Guid.CreateVersion7().ToString(), placement.Room, placement.Epoch, participant, reason),
        Time.GetUtcNow() + options.Value.LeaveRetryFor));

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var due = new List<Pending>();
        while (await _queue.Reader.WaitToReadAsync(stopping))
        {
            due.Clear();
            while (due.Count < 256 && _queue.Reader.TryRead(out var pending))
                due.Add(pending);
            // Nodes side by side, so that a dead one delays only its own.
            var left = await Task.WhenAll(due.GroupBy(static pending => pending.Node).Select(group => TryAllAsync([.. group], stopping)));
            if (left.All(static one => one.Count == 0))
                continue;
            await Task.Delay(RetryEvery, Time, stopping);
            foreach (var again in left.SelectMany(static one => one))
                _queue.Writer.TryWrite(again);
        }
    }

    async Task<List<Pending>> TryAllAsync(List<Pending> pending, CancellationToken stopping)
    {
        var again = new List<Pending>();
        foreach (var one in pending)
        {
            if (Time.GetUtcNow() > one.GiveUpAt)
            {
                LogGivenUp(one.Node, one.Command.Room);
                continue;
            }

            if (!nodes.TryGet(one.Node, out var node) || !directory.IsUsable(one.Node))
                continue;
            try
            {
                await node.LeaveAsync(one.Command, stopping);
            }
            catch (RealtimeException refused) when (refused.Error.RetryAfterMs is not null)
            {
                again.Add(one);
            }
            catch (RealtimeException refused)
            {
                // The node no longer has the room or the participant: that is what was asked for.
                ActionLog.RecordVerbose("media.leaves", "refused", room: one.Command.Room, detail: refused.Error.Code);
            }
        }

        return again;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A leave for room {Room} on {Node} was never acknowledged; its consent timer ends the peer")]
    partial void LogGivenUp(string node, string room);
}
