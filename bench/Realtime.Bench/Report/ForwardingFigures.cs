namespace Realtime.Bench.Report;

/// <summary>What forwarding cost one server and what came out.</summary>
/// <param name="Forwarded">Packets that arrived at subscribers, repetitions left out.</param>
/// <param name="Lost">Packets that publishers sent and a subscriber did not get.</param>
/// <param name="Corrupt">Sampled packets that did not open, whose payload was not what was sent, or that stood at another place in their stream.</param>
/// <param name="AllocatedBytesPerPacket">By the threads that forward; null where that cannot be known.</param>
/// <param name="CpuTicks">User and system time of the whole process from /proc, in 1/100 s.</param>
/// <param name="CpuNsPerPacket">CPU time of the whole process, as the scheduler counts it, by packets forwarded.</param>
/// <param name="P50LatencyMs">From the publisher's stamp to the kernel's stamp at the subscriber, over a sample.</param>
/// <param name="RssKbPerSubscriber">Growth of resident memory by all but the first few subscribers, by their number; null when there were no more than those.</param>
sealed record ForwardingFigures(
    long Forwarded,
    long Lost,
    long Corrupt,
    double? AllocatedBytesPerPacket,
    long CpuTicks,
    long CpuNsPerPacket,
    double? P50LatencyMs,
    double? P99LatencyMs,
    double? RssKbPerSubscriber);
