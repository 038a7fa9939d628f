using System.Diagnostics.Metrics;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Control;
using Realtime.Media.Core;
using Realtime.Media.Isolation;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.Telemetry;

namespace Realtime.Media.Hosting;

/// <summary>
/// The node's metrics, read from the workers' counters when somebody collects: nothing is recorded per packet. Tags come from closed
/// enums; no user or room ids.
/// </summary>
public sealed class MediaMetrics
{
    public MediaMetrics(WorkerFleet fleet, ForwardingStatistics forwarding)
    {
        var meter = RealtimeTelemetry.Media.Meter;
        Count(meter, fleet, "realtime.media.datagrams.in", "{datagram}", worker => worker.PortCounters.ReceivedDatagrams);
        Count(meter, fleet, "realtime.media.datagrams.out", "{datagram}", worker => worker.PortCounters.SentDatagrams);
        Count(meter, fleet, "realtime.media.bytes.in", "By", worker => worker.PortCounters.ReceivedBytes);
        Count(meter, fleet, "realtime.media.bytes.out", "By", worker => worker.PortCounters.SentBytes);
        Count(meter, fleet, "realtime.media.sends", "{message}", worker => worker.PortCounters.SentMessages);
        Count(meter, fleet, "realtime.media.send.drops", "{datagram}", worker => worker.PortCounters.SendBufferDrops);
        Count(meter, fleet, "realtime.media.send.errors", "{datagram}", worker => worker.PortCounters.SendErrors);
        Count(meter, fleet, "realtime.media.tcp.adopted", "{connection}", worker => worker.PortCounters.TcpAdopted);
        Count(meter, fleet, "realtime.media.tcp.slow.drops", "{datagram}", worker => worker.PortCounters.TcpSlowReaderDrops);
        Count(meter, fleet, "realtime.media.tcp.slow.closed", "{connection}", worker => worker.PortCounters.TcpSlowReadersClosed);
        Count(meter, fleet, "realtime.media.tcp.broken", "{connection}", worker => worker.PortCounters.TcpBroken);
        Count(meter, fleet, "realtime.media.faults.contained", "{fault}", worker => worker.Counters.FaultsContained);
        Count(meter, fleet, "realtime.media.relayed.in", "{packet}", worker => worker.Counters.RelayedIn);
        meter.CreateObservableCounter("realtime.media.drops", () => Drops(fleet), "{datagram}", "Datagrams that went no further, by reason");
        meter.CreateObservableGauge("realtime.media.forwarding.latency", () => Latency(forwarding.Current), "ms", "From receipt to the kernel, of the copies of the last second, by quantile");
        Gauge(meter, fleet, "realtime.media.tcp.connections", "{connection}", worker => worker.PortCounters.TcpConnections);
        if (fleet.Tcp is { } tcp)
        {
            meter.CreateObservableGauge("realtime.media.tcp.pending", () => tcp.Counters.Pending, "{connection}");
            meter.CreateObservableCounter("realtime.media.tcp.refused", () => Refused(tcp.Counters), "{connection}", "Connections that named nobody, by reason");
        }

        Gauge(meter, fleet, "realtime.media.fenced", "{worker}", worker => worker.Counters.FencedBy == 0 ? 0 : 1);
        Gauge(meter, fleet, "realtime.media.rooms", "{room}", worker => worker.Counters.Rooms);
        Gauge(meter, fleet, "realtime.media.peers", "{peer}", worker => worker.Counters.Peers);
        Gauge(meter, fleet, "realtime.media.tracks", "{track}", worker => worker.Counters.Tracks);
    }

    static IEnumerable<Measurement<double>> Latency(ForwardingLatency? now) => now is null
        ? []
        : [At(now.P50, "0.5"), At(now.P99, "0.99"), At(now.P999, "0.999")];

    static Measurement<double> At(double value, string quantile) => new(value, new KeyValuePair<string, object?>("quantile", quantile));

    static void Count(Meter meter, WorkerFleet fleet, string name, string unit, Func<WorkerThread, long> read) =>
        meter.CreateObservableCounter(name, () => fleet.Workers.Sum(read), unit);

    static void Gauge(Meter meter, WorkerFleet fleet, string name, string unit, Func<WorkerThread, int> read) =>
        meter.CreateObservableGauge(name, () => fleet.Workers.Sum(read), unit);

    static IEnumerable<Measurement<long>> Drops(WorkerFleet fleet) => Enum.GetValues<DropReason>()
        .Where(reason => reason != DropReason.None)
        .Select(reason => new Measurement<long>(
            fleet.Workers.Sum(worker => worker.Counters.Drops[reason]), new KeyValuePair<string, object?>("reason", reason.ToString())));

    static IEnumerable<Measurement<long>> Refused(IceTcpListenerCounters counters) =>
    [
        Because(counters.Refused, "unknown"), Because(counters.RefusedPerAddress, "perAddress"), Because(counters.Evicted, "evicted"),
        Because(counters.TimedOut, "timedOut"), Because(counters.AcceptErrors, "acceptError"),
    ];

    static Measurement<long> Because(long count, string reason) => new(count, new KeyValuePair<string, object?>("reason", reason));
}
