using System.Diagnostics.Metrics;
using Realtime.ServiceDefaults.Telemetry;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>The metrics of the kit. Tags are names from code (component, action, circuit), never ids of users or rooms.</summary>
static class CrashSafetyMetrics
{
    static readonly Meter Meter = RealtimeTelemetry.CrashSafety.Meter;

    public static readonly Counter<long> Failures = Meter.CreateCounter<long>("realtime.failures", description: "Exceptions stopped at a fault boundary");
    public static readonly Counter<long> Reports = Meter.CreateCounter<long>("realtime.crash_reports", description: "Crash reports by kind and outcome (written, counted, dropped)");
    public static readonly Counter<long> SinkFailures = Meter.CreateCounter<long>("realtime.crash_sink_failures", description: "Crash reports a sink did not take at the first attempt");
    public static readonly Counter<long> LoopRestarts = Meter.CreateCounter<long>("realtime.loop_restarts", description: "Background loops restarted after an exception");
    public static readonly Counter<long> CircuitTransitions = Meter.CreateCounter<long>("realtime.circuit_transitions", description: "Circuit state changes");
    public static readonly Counter<long> LogEntriesDropped = Meter.CreateCounter<long>("realtime.log_entries_dropped", description: "Log entries lost, by why (failed: a sink or formatter threw; full: a sink blocks)");
    public static readonly Counter<long> FaultsInjected = Meter.CreateCounter<long>("realtime.faults_injected", description: "Faults injected on purpose");
    public static readonly Counter<long> SystemWarnings = Meter.CreateCounter<long>("realtime.system_warnings", description: "Samples beyond a limit of the system monitor");
    public static readonly Counter<long> Leaks = Meter.CreateCounter<long>("realtime.leaks_cleaned", description: "What sweepers cleaned up that should have gone by itself, by kind");
    public static readonly Gauge<double> Lag = Meter.CreateGauge<double>("realtime.loop_lag", "s", "How late work put on the thread pool starts");

    static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    public static void Failed(string component, string action) => Failures.Add(1, Tag("component", component), Tag("action", action));
    public static void Reported(string kind, string outcome) => Reports.Add(1, Tag("kind", kind), Tag("outcome", outcome));
    public static void LoopRestarted(string loop) => LoopRestarts.Add(1, Tag("loop", loop));
    public static void LogEntryDropped(string why) => LogEntriesDropped.Add(1, Tag("why", why));
    public static void LeaksCleaned(string kind, long count) => Leaks.Add(count, Tag("kind", kind));
    public static void CircuitChanged(string circuit, string state) => CircuitTransitions.Add(1, Tag("circuit", circuit), Tag("state", state));
}
