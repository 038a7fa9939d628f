using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;

namespace Realtime.Media.Control;

/// <summary>How busy the node is: counts as they stand, rates between two samples.</summary>
public sealed class NodeStatistics(WorkerFleet fleet, Drain drain, TimeProvider time)
{
    long sampledAt = time.GetTimestamp();
    TimeSpan processorTime = Environment.CpuUsage.TotalTime;
    long datagramsIn;
    long datagramsOut;

    public NodeLoad Current { get; private set; } = new(0, 0, 0, 0, 0, 0, false);

    /// <summary>By one caller at a time.</summary>
    public NodeLoad Sample()
    {
        int rooms = 0, peers = 0, tracks = 0;
        long received = 0, sent = 0;
        foreach (var worker in fleet.Workers)
        {
            rooms += worker.Counters.Rooms;
            peers += worker.Counters.Peers;
            tracks += worker.Counters.Tracks;
            received += worker.PortCounters.ReceivedDatagrams;
            sent += worker.PortCounters.SentDatagrams;
        }

        var seconds = Math.Max(1e-3, time.GetElapsedTime(sampledAt).TotalSeconds);
        var used = Environment.CpuUsage.TotalTime;
        Current = new NodeLoad(
            rooms, peers, tracks,
            (long)((received - datagramsIn) / seconds),
            (long)((sent - datagramsOut) / seconds),
            Math.Round((used - processorTime).TotalSeconds / seconds * 100, 1),
            drain.IsDraining);
        (sampledAt, processorTime, datagramsIn, datagramsOut) = (time.GetTimestamp(), used, received, sent);
        return Current;
    }

    /// <summary>Each worker's counters as they stand.</summary>
    public IReadOnlyList<WorkerReport> Workers() =>
    [
        .. fleet.Workers.Select((worker, index) => new WorkerReport(
            index, worker.Counters.Rooms, worker.Counters.Peers,
            worker.PortCounters.ReceivedDatagrams, worker.PortCounters.SentDatagrams, worker.PortCounters.SentMessages,
            worker.PortCounters.SendBufferDrops, worker.PortCounters.SendErrors, Volatile.Read(ref worker.Counters.AllocatedBytes))),
    ];
}
