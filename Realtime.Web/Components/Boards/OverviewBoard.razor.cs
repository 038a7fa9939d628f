using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Live;
using Realtime.Web.Model;

namespace Realtime.Web.Components.Boards;

/// <summary>Is all well, and if not, where to look.</summary>
public partial class OverviewBoard
{
    /// <summary>The fullest; the rest is on its own page.</summary>
    const int MaxRooms = 6;
    const int MaxCircuits = 20;

    [Inject]
    LoadHistory History { get; set; } = null!;

    [Inject]
    RecentCrashes Recent { get; set; } = null!;

    IReadOnlyList<LoadPoint> Points { get; set; } = [];

    CrashGroup? Newest { get; set; }

    string? CrashProblem { get; set; }

    IReadOnlyList<(string Replica, AlertInfo Alert)> Alerts { get; set; } = [];

    int Connections => Math.Max(View.Snapshot!.Connections, Replicas.All.Where(static one => one.Problem is null).Sum(static one => one.Report?.Connections ?? 0));

    List<CircuitInfo> Troubled => [.. View.Circuits.Where(static circuit => circuit.State != "closed").Take(MaxCircuits)];

    protected override async Task OnInitializedAsync()
    {
        Points = History.Points;
        Alerts = [.. Replicas.All.Where(static one => one is { Problem: null, Report: not null }).SelectMany(static one => one.Report!.Alerts.Select(alert => (one.Name, alert)))];
        var crashes = await Recent.GetAsync();
        (Newest, CrashProblem) = (crashes.Value?.FirstOrDefault(), crashes.Problem);
    }

    /// <summary>Whole minutes: what changes each second would be sent each second.</summary>
    static TimeSpan Up(ReplicaReport report) => TimeSpan.FromMinutes(Math.Floor(report.Process.UptimeSeconds / 60));

    ChartSeries[] One(Func<LoadPoint, double> value) => [Line(null, value)];

    ChartSeries Line(string? name, Func<LoadPoint, double> value) => new(name, [.. Points.Select(value)]);
}
