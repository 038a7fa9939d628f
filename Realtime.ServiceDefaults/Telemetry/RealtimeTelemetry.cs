using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>The ActivitySources and Meters of this project, all in one place: what is not here is not exported.</summary>
public static class RealtimeTelemetry
{
    public static TelemetrySource Signaling { get; } = new("Realtime.Signaling");
    public static TelemetrySource Media { get; } = new("Realtime.Media");
    public static TelemetrySource Web { get; } = new("Realtime.Web");
    public static TelemetrySource CrashSafety { get; } = new("Realtime.CrashSafety");

    public static IReadOnlyList<TelemetrySource> All { get; } = [Signaling, Media, Web, CrashSafety];
}

/// <summary>One named part of the system: its spans and its metrics under the same name.</summary>
public sealed class TelemetrySource(string name)
{
    public string Name { get; } = name;
    public ActivitySource Activities { get; } = new(name);
    public Meter Meter { get; } = new(name);
}
