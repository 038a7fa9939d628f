using System.Diagnostics.Metrics;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Modes;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Admin;

/// <summary>What the guards counted: as JSON for operators, and as OpenTelemetry metrics.</summary>
public sealed class GuardMetrics
{
    readonly Limits _limits;
    readonly RedisLimits _cluster;
    readonly Quarantines _quarantines;
    readonly ConductWatch _conduct;
    readonly Admission _admission;
    readonly ModeMonitor _mode;
    readonly TurnReports _turn;
    readonly AlertWatch _alerts;

    public GuardMetrics(
        Limits limits, RedisLimits cluster, Quarantines quarantines, ConductWatch conduct, Admission admission, ModeMonitor mode, TurnReports turn, AlertWatch alerts)
    {
        (_limits, _cluster, _quarantines, _conduct, _admission, _mode, _turn, _alerts) = (limits, cluster, quarantines, conduct, admission, mode, turn, alerts);
        var meter = RealtimeTelemetry.Signaling.Meter;
        meter.CreateObservableCounter(
            "realtime.refused_by_limit", () => limits.All.Select(static limiter => new Measurement<long>(limiter.Refused, new KeyValuePair<string, object?>("limit", limiter.Limit.Scope))),
            description: "Calls beyond a limit");
        meter.CreateObservableCounter("realtime.limits_unanswered", () => cluster.Unanswered, description: "Limits that Redis was asked for in vain");
        meter.CreateObservableCounter("realtime.refused_by_mode", () => admission.Refused, description: "Sessions and logins refused by the mode or a drain");
        meter.CreateObservableCounter("realtime.quarantines", () => quarantines.Made, description: "Users and addresses kept out");
        meter.CreateObservableCounter("realtime.connections_closed_for_misconduct", () => conduct.Closed, description: "Connections closed for misconduct");
        meter.CreateObservableCounter("realtime.mode_changes", () => mode.Changes, description: "Changes of the operating mode");
        meter.CreateObservableGauge("realtime.mode", () => Rank(mode.State.Mode), description: "0 normal, 1 degraded, 2 emergency");
    }

    public object Read() => new
    {
        RefusedByLimit = _limits.All.Where(static limiter => limiter.Refused > 0).ToDictionary(static limiter => limiter.Limit.Scope, static limiter => limiter.Refused, StringComparer.Ordinal),
        LimitsUnanswered = _cluster.Unanswered,
        RefusedByMode = _admission.Refused,
        ModeChanges = _mode.Changes,
        Quarantined = _quarantines.InForce.Count,
        ClosedForMisconduct = _conduct.Closed,
        Relays = new { Worked = _turn.Successes, Failed = _turn.Failures },
    };

    public object ReadHealth() => new { _alerts.Raised, Quarantined = _quarantines.InForce };

    static int Rank(string mode) => mode switch
    {
        OperatingState.NormalName => 0,
        OperatingState.DegradedName => 1,
        _ => 2,
    };
}
