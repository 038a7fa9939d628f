using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runner;

/// <summary>Who waits for whom.</summary>
internal static class WaitGraph
{
    /// <summary>How many waits lie below a resource: 0 starts at once. What stops in falling order of depth never loses a dependency first.</summary>
    /// <exception cref="DistributedApplicationException">Resources wait for one another in a circle.</exception>
    public static IReadOnlyDictionary<IResource, int> Depths(IEnumerable<IResource> resources)
    {
        var depths = new Dictionary<IResource, int>();
        foreach (var resource in resources)
            Depth(resource, depths, []);
        return depths;
    }

    /// <summary>Waits until every dependency is as wanted.</summary>
    /// <exception cref="DistributedApplicationException">A dependency is gone for good and <paramref name="stopOnUnavailable"/> is set.</exception>
    public static Task WaitAsync(IResource resource, ResourceNotificationService notifications, bool stopOnUnavailable, bool restarts, CancellationToken cancellationToken)
        => Task.WhenAll(Dependencies(resource).Select(wait => notifications.WaitForResourceAsync(
            wait.Resource.Name,
            _ =>
            {
                var instances = notifications.Instances(wait.Resource.Name);
                if (stopOnUnavailable && instances.FirstOrDefault(i => IsGone(i, restarts)) is { } gone)
                    throw new DistributedApplicationException($"Dependency '{gone.ResourceId}' is unavailable ({gone.Snapshot.State?.Text}): {gone.Snapshot.Note}");
                return instances.All(i => IsReached(i, wait.WaitType));
            },
            cancellationToken)));

    /// <summary>The waits of a resource; a child also waits for its parent.</summary>
    public static IEnumerable<WaitAnnotation> Dependencies(IResource resource)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>();
        return resource is IResourceWithParent child ? waits.Append(new WaitAnnotation(child.Parent, WaitType.WaitUntilHealthy)) : waits;
    }

    private static bool IsReached(ResourceEvent instance, WaitType type)
        => instance.Snapshot.State?.Text == KnownResourceStates.Running && (type == WaitType.WaitUntilStarted || instance.Snapshot.HealthStatus == HealthStatus.Healthy);

    private static bool IsGone(ResourceEvent instance, bool restarts)
        => instance.Snapshot.State?.Text is { } state && (state == KnownResourceStates.FailedToStart || (state == KnownResourceStates.Exited && !restarts));

    private static int Depth(IResource resource, Dictionary<IResource, int> known, List<IResource> path)
    {
        if (known.TryGetValue(resource, out var depth))
            return depth;
        if (path.Contains(resource))
            throw new DistributedApplicationException($"Resources wait for one another in a circle: {string.Join(" → ", path.Append(resource).Select(r => r.Name))}");
        path.Add(resource);
        depth = Dependencies(resource).Select(w => Depth(w.Resource, known, path) + 1).DefaultIfEmpty(0).Max();
        path.RemoveAt(path.Count - 1);
        known[resource] = depth;
        return depth;
    }
}
