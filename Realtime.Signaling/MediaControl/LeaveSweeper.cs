using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Every minute: leaves that nobody has been heard of, because their replica died or gave up. Each is sent once more by whoever takes it; after <see cref="MaxAttempts"/> it is dropped, and
/// the peer's own consent has long ended it.
/// </summary>
public sealed partial class LeaveSweeper(IPendingLeaves store, LeaveQueue leaves, Supervisor supervisor, ILogger<LeaveSweeper> log)
    : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "media.leaveSweeper")
{
    public const int MaxAttempts = 5;

    const int AtOnce = 200;

    /// <summary>Longer than sending all of them takes.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    protected override async Task TickAsync(CancellationToken stopping)
    {
        try
        {
            await SweepAsync(stopping);
        }
        catch (RealtimeException refused)
        {
            // Postgres is away; there is time until the next minute.
            ActionLog.RecordVerbose(Name, "later", detail: refused.Error.Code);
        }
    }

    /// <returns>How many are settled.</returns>
    internal async Task<int> SweepAsync(CancellationToken stopping)
    {
        var now = Time.GetUtcNow();
        var settled = new List<string>();
        foreach (var leave in await store.TakeStuckAsync(now, now + Lease, AtOnce, stopping))
        {
            if (!await leaves.TrySendAsync(leave, stopping) && leave.Attempts < MaxAttempts)
                continue;
            settled.Add(leave.Id);
            if (leave.Attempts >= MaxAttempts)
                LogDropped(leave.Placement.Room, leave.Placement.Node);
        }
        if (settled.Count == 0)
            return 0;
        await store.RemoveAsync(settled, stopping);
        CleanedLeaks.Count("mediaCommands", settled.Count);
        ActionLog.Record(Name, "settled", settled.Count);
        return settled.Count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A leave for room {Room} on {Node} was tried for the last time")]
    partial void LogDropped(string room, string node);
}
