using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>Tells every reader four times a second that the node lives and how busy it is.</summary>
sealed class NodeHeartbeat(Supervisor supervisor, EventFeed feed, NodeStatistics statistics, WorkerFleet fleet) : SupervisedTicker(supervisor, Interval)
{
    /// <summary>The contract's: its absence is the failure detector.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Rates over a quarter of a second jump about.</summary>
    const int BeatsPerSample = 4;

    int beats;

    protected override bool IsInStep => true;

    protected override Task TickAsync(CancellationToken stopping)
    {
        fleet.Lease.Beat(MonotonicClock.Now);
        var load = beats++ % BeatsPerSample == 0 ? statistics.Sample() : statistics.Current;
        feed.Publish(new HeartbeatEvent(load));
        return Task.CompletedTask;
    }
}
