namespace Realtime.Contracts;

/// <summary>One signaling replica at one moment, as <c>GET /api/admin/replica</c> tells operators. Counters only grow, from the start of the process on.</summary>
/// <param name="ModeReasons">Names of the circuits that make the mode differ from normal.</param>
/// <param name="Calls">Hub calls answered with a result; <paramref name="Rejected"/> those answered with an error.</param>
/// <param name="CpuPercent">Of one core, since the report before.</param>
/// <param name="Latency">Of hub calls, within the last 10 to 20 s.</param>
/// <param name="Debug">Components in debug mode, and until when.</param>
/// <param name="Faults">Faults are being injected.</param>
public sealed record ReplicaReport(
    string Replica,
    string Boot,
    DateTimeOffset At,
    string Mode,
    DateTimeOffset ModeSince,
    IReadOnlyList<string> ModeReasons,
    IReadOnlyList<string> Works,
    IReadOnlyList<string> Refused,
    int Connections,
    long ConnectionsTotal,
    long Messages,
    long Calls,
    long Rejected,
    long Crashes,
    double CpuPercent,
    LatencySummary Latency,
    ProcessStatistics Process,
    IReadOnlyList<AlertInfo> Alerts,
    IReadOnlyList<CircuitInfo> Circuits,
    IReadOnlyDictionary<string, DateTimeOffset> Debug,
    bool Faults);

/// <summary>Percentiles in milliseconds; zeros when nothing was measured.</summary>
public sealed record LatencySummary(long Count, double P50, double P95, double P99);

/// <summary>Something an operator should look at.</summary>
/// <param name="Name"><c>circuitFlapping</c>, <c>turnFailing</c> or <c>errorSpike</c>.</param>
/// <param name="Subject">Which circuit, or which error of which circuit.</param>
public sealed record AlertInfo(string Name, string? Subject, DateTimeOffset Since);
