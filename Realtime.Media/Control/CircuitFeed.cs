using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>Tells every replica of the circuits of the peers' transports: within a second of a change, and every five in any case, for readers that came meanwhile.</summary>
sealed class CircuitFeed(Supervisor supervisor, CircuitRegistry circuits, EventFeed feed) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1))
{
    /// <summary>Told at once: those that are not closed first.</summary>
    const int MaxTold = 256;

    const int TellEvery = 5;

    long told;
    int ticks;

    protected override bool IsInStep => true;

    protected override Task TickAsync(CancellationToken stopping)
    {
        var all = circuits.Snapshot().Where(static one => one.Name.StartsWith(TransportCircuits.Prefix, StringComparison.Ordinal)).ToList();
        // Counters only grow, so their sum says whether anything happened; a state changes by a call, or by time alone, which the next regular telling brings.
        var sum = all.Sum(static one => one.Total + one.Rejected + one.Opens + one.Closes) + all.Count;
        if (sum != told || (++ticks % TellEvery == 0 && all.Count > 0))
            feed.Publish(new PeerCircuitsEvent([.. all.OrderBy(static one => one.State == "closed").Take(MaxTold)]));
        told = sum;
        return Task.CompletedTask;
    }
}
