using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The current snapshot of every resource instance, and a way to wait for one to become what the caller wants.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Channel<ResourceEvent>, byte> _watchers = new();

    /// <summary>First the present snapshot of every instance, then each change. A watcher that falls 4096 changes behind loses the oldest.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var changes = Channel.CreateBounded<ResourceEvent>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropOldest });
        ResourceEvent[] present;
        lock (_lock)
        {
            present = [.. _current.Values];
            _watchers[changes] = 0;
        }

        try
        {
            foreach (var resourceEvent in present)
                yield return resourceEvent;
            await foreach (var resourceEvent in changes.Reader.ReadAllAsync(cancellationToken))
                yield return resourceEvent;
        }
        finally
        {
            _watchers.TryRemove(changes, out _);
        }
    }

    /// <param name="resourceId">An instance (<c>signaling-0</c>) or, for a resource with one instance, its name.</param>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock)
            return _current.TryGetValue(resourceId, out resourceEvent);
    }

    public async Task<string> WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
        => await WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <returns>The state that was reached.</returns>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until some instance of the resource fits.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var resourceEvent in WatchAsync(cancellationToken))
        {
            if (string.Equals(resourceEvent.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(resourceEvent))
                return resourceEvent;
        }

        throw new OperationCanceledException($"The operation was cancelled before resource '{resourceName}' met the condition.", cancellationToken);
    }

    /// <summary>Waits until every instance of the resource is running and healthy.</summary>
    /// <exception cref="DistributedApplicationException">The resource failed to start.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
        => await WaitForResourceAsync(
            resourceName,
            e => e.Snapshot.State?.Text == KnownResourceStates.FailedToStart
                ? throw new DistributedApplicationException($"Resource '{e.ResourceId}' failed to start: {e.Snapshot.Note}")
                : Instances(resourceName).All(i => i.Snapshot.HealthStatus == HealthStatus.Healthy),
            cancellationToken);

    /// <summary>Changes the snapshot of a resource with one instance.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory) => PublishUpdateAsync(resource, resource.Name, stateFactory);

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var previous = _current.GetValueOrDefault(resourceId)?.Snapshot
                ?? new CustomResourceSnapshot { ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal), Properties = [] };
            var next = stateFactory(previous);
            if (next == previous)
                return Task.CompletedTask;
            var resourceEvent = new ResourceEvent(resource, resourceId, next);
            _current[resourceId] = resourceEvent;
            foreach (var watcher in _watchers.Keys)
                watcher.Writer.TryWrite(resourceEvent);
        }

        return Task.CompletedTask;
    }

    internal IReadOnlyList<ResourceEvent> Instances(string resourceName)
    {
        lock (_lock)
            return [.. _current.Values.Where(e => string.Equals(e.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase))];
    }

    internal IReadOnlyList<ResourceEvent> All()
    {
        lock (_lock)
            return [.. _current.Values];
    }
}
