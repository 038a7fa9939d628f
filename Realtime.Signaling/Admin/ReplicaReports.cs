using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Data;
using Realtime.Signaling.Hubs;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Admin;

/// <summary>What this replica says of itself to operators; taken at most twice a second, however many ask.</summary>
public sealed class ReplicaReports(
    HubConnections connections, ChannelService channels, CallCounter calls, CrashReporter crashes, ModeMonitor mode, AlertWatch alerts, CircuitRegistry circuits, DebugModes debug,
    ReplicaIdentity self, TimeProvider time)
{
    static readonly TimeSpan KeepFor = TimeSpan.FromMilliseconds(500);

    readonly Lock _gate = new();
    ReplicaReport? _last;
    TimeSpan _processor = Environment.CpuUsage.TotalTime;
    long _sampled = time.GetTimestamp();

    public ReplicaReport Take()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return _last is { } last && now - last.At < KeepFor ? last : _last = TakeNow(now);
        }
    }

    ReplicaReport TakeNow(DateTimeOffset now)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var elapsed = time.GetElapsedTime(_sampled);
        var cpu = elapsed > TimeSpan.Zero ? (processor - _processor) / elapsed * 100 : 0;
        (_processor, _sampled) = (processor, time.GetTimestamp());
        var state = mode.State;
        return new ReplicaReport(
            self.Name, self.Boot, now, state.Mode, mode.Since, state.Reasons, state.Works, state.Refused, connections.Count, connections.Total, channels.Sent, calls.Processed, calls.Rejected,
            crashes.Total, Math.Round(cpu, 1), calls.Latency.Read(), ProcessSnapshot.Take(time),
            [.. alerts.Raised.Select(static alert => new AlertInfo(alert.Name, alert.Subject, alert.Since))], circuits.Snapshot(), debug.On, FaultPoint.Armed);
    }
}
