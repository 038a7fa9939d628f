using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runner;

/// <summary>The replicas a front may use now: the healthy ones, or when none is, all that run.</summary>
internal static class LiveReplicas
{
    public static IReadOnlyList<Uri> Of(EndpointAnnotation endpoint, IReadOnlyList<ResourceInstance> replicas, ResourceNotificationService notifications)
    {
        var running = replicas.Where(r => Snapshot(r)?.State?.Text == KnownResourceStates.Running).ToArray();
        var healthy = running.Where(r => Snapshot(r)?.HealthStatus == HealthStatus.Healthy).ToArray();
        return [.. (healthy.Length > 0 ? healthy : running).Select(r => new Uri(r.UrlOf(endpoint)))];

        CustomResourceSnapshot? Snapshot(ResourceInstance replica) => notifications.TryGetCurrentState(replica.Id, out var e) ? e.Snapshot : null;
    }
}
