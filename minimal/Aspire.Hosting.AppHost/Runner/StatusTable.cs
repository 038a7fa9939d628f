using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runner;

/// <summary>The state of everything in one plain table, printed when something changed and at most once a second.</summary>
internal sealed class StatusTable(TextWriter output, ResourceNotificationService notifications, IReadOnlySet<string> essential, StateDirectory state)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private bool _announced;

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var printed = "";
        using var clock = new PeriodicTimer(_pause);
        try
        {
            do
            {
                var table = Render(notifications.All());
                if (table != printed)
                    await output.WriteLineAsync(printed = table);
                Announce();
            }
            while (await clock.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await output.WriteLineAsync("Everything has stopped.");
        }
    }

    internal static string Render(IReadOnlyList<ResourceEvent> all)
    {
        string[][] rows = [["RESOURCE", "STATE", "HEALTH", "URL"], .. all.Select(Row)];
        var widths = Enumerable.Range(0, 3).Select(c => rows.Max(r => r[c].Length) + 2).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var column = 0; column < 3; column++)
                text.Append(row[column].PadRight(widths[column]));
            text.AppendLine(row[3]);
        }

        return text.ToString();
    }

    private static string[] Row(ResourceEvent e) =>
    [
        e.ResourceId,
        e.Snapshot.State?.Text ?? "",
        e.Snapshot.HealthStatus switch { null => "", HealthStatus.Healthy => "healthy", HealthStatus.Degraded => "degraded", _ => "unhealthy" },
        e.Snapshot.Note ?? string.Join("  ", Urls(e.Snapshot))
    ];

    private static IEnumerable<string> Urls(CustomResourceSnapshot snapshot)
    {
        // Behind a front the row shows the replica's own address; the front is announced once everything is up.
        var own = snapshot.Urls.Where(u => u.IsInternal).ToArray();
        return (own.Length > 0 ? own : [.. snapshot.Urls.Where(u => !u.IsInternal)]).Select(u => u.Url);
    }

    private void Announce()
    {
        var all = notifications.All();
        if (_announced || !all.Where(e => essential.Contains(e.ResourceId)).All(e => e.Snapshot.HealthStatus == HealthStatus.Healthy))
            return;
        _announced = true;
        output.WriteLine("Everything is healthy.");
        foreach (var resource in all.Where(e => e.Resource.Annotations.OfType<EndpointAnnotation>().Any(a => a is { IsExternal: true, IsHttp: true })).DistinctBy(e => e.Resource))
            output.WriteLine($"  {resource.Resource.Name,-10} {resource.Snapshot.Urls.First(u => !u.IsInternal).Url}");
        output.WriteLine($"Logs: {state.Logs}. Stop with Ctrl-C.");
    }
}
