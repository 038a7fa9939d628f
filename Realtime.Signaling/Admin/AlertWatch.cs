using System.Diagnostics.Metrics;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Modes;

namespace Realtime.Signaling.Admin;

/// <summary>Raises the alerts, once a minute: in the action log, as a metric, and in <c>/health/socket</c> as long as they hold.</summary>
public sealed class AlertWatch(CircuitRegistry circuits, TurnReports turn, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "admin.alerts")
{
    static readonly Counter<long> Alerts = RealtimeTelemetry.Signaling.Meter.CreateCounter<long>("realtime.alerts", description: "Alerts raised, by name");

    readonly AlertRules _rules = new();
    volatile IReadOnlyList<Alert> _raised = [];

    public IReadOnlyList<Alert> Raised => _raised;

    protected override Task TickAsync(CancellationToken stopping)
    {
        var all = circuits.Snapshot();
        var sample = new AlertSample(
            all.ToDictionary(static circuit => circuit.Name, static circuit => circuit.Opens, StringComparer.Ordinal),
            all.SelectMany(static circuit => circuit.FailuresByType.Select(pair => ($"{circuit.Name}/{pair.Key}", pair.Value))).ToDictionary(StringComparer.Ordinal),
            turn.Failures, turn.Successes);
        foreach (var alert in _rules.Take(sample, Time.GetUtcNow()))
        {
            ActionLog.Record(Name, alert.Name, detail: alert.Subject);
            Alerts.Add(1, new KeyValuePair<string, object?>("alert", alert.Name));
        }
        _raised = _rules.Raised;
        return Task.CompletedTask;
    }
}
