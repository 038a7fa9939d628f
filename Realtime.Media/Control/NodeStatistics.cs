using System.Text.Json;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Isolation;

namespace Realtime.Media.Control;

/// <summary>How busy the node is: counts as they stand, rates between two samples.</summary>
public sealed class NodeStatistics(WorkerFleet fleet, Drain drain, NodeCapacity capacity, ForwardingStatistics forwarding, TimeProvider time)
{
    long sampledAt = time.GetTimestamp();
    TimeSpan processorTime = Environment.CpuUsage.TotalTime;
    long datagramsIn;
    long datagramsOut;

    NodeLoad sampled = new(0, 0, 0, 0, 0, 0, false);

    /// <summary>The rates of the last sample; what decides over rooms is as of now.</summary>
    public NodeLoad Current => sampled with { Draining = drain.IsDraining, Fence = fleet.Workers.Max(static worker => Volatile.Read(ref worker.Counters.FencedBy)) };

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
        sampled = capacity.Rate(new NodeLoad(
            rooms, peers, tracks,
            (long)((received - datagramsIn) / seconds),
            (long)((sent - datagramsOut) / seconds),
            Math.Round((used - processorTime).TotalSeconds / seconds * 100, 1),
            drain.IsDraining) { Latency = forwarding.Sample() });
        (sampledAt, processorTime, datagramsIn, datagramsOut) = (time.GetTimestamp(), used, received, sent);
        return Current;
    }

    /// <summary>Each worker's counters as they stand.</summary>
    public IReadOnlyList<WorkerReport> Workers() =>
    [
        .. fleet.Workers.Select((worker, index) => new WorkerReport(
            index, worker.Counters.Rooms, worker.Counters.Peers,
            worker.PortCounters.ReceivedDatagrams, worker.PortCounters.SentDatagrams, worker.PortCounters.SentMessages,
            worker.PortCounters.SendBufferDrops, worker.PortCounters.SendErrors, Volatile.Read(ref worker.Counters.AllocatedBytes),
            worker.Counters.FaultsContained, ForwardingStatistics.Of(worker.Counters), Drops(worker.Counters), Volatile.Read(ref worker.Counters.RelayedIn))),
    ];

    static Dictionary<string, long> Drops(WorkerCounters counters) => Enum.GetValues<DropReason>()
        .Where(reason => counters.Drops[reason] > 0)
        .ToDictionary(static reason => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), reason => counters.Drops[reason]);
}
