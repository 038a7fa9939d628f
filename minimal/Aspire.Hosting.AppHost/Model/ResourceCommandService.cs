using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs the commands of resources, by resource name (all instances) or instance id (one).</summary>
public sealed class ResourceCommandService(ResourceNotificationService notifications, IServiceProvider services, ILoggerFactory loggers)
{
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var instances = notifications.Instances(resource.Name);
        if (instances.Count == 0)
            return CommandResults.Failure($"Resource '{resource.Name}' has no instance.");
        var results = await Task.WhenAll(instances.Select(i => ExecuteAsync(i, commandName, cancellationToken)));
        return results.FirstOrDefault(r => !r.Success) ?? results[0];
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (notifications.TryGetCurrentState(resourceId, out var one))
            return await ExecuteAsync(one, commandName, cancellationToken);
        return notifications.Instances(resourceId) is [var first, ..]
            ? await ExecuteCommandAsync(first.Resource, commandName, cancellationToken)
            : CommandResults.Failure($"Resource '{resourceId}' not found.");
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(ResourceEvent instance, string commandName, CancellationToken cancellationToken)
    {
        var command = instance.Resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(c => c.Name == commandName);
        if (command is null)
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{instance.ResourceId}'.");
        if (command.UpdateState(new UpdateCommandStateContext { ResourceSnapshot = instance.Snapshot, Services = services }) != ResourceCommandState.Enabled)
            return CommandResults.Failure($"Command '{commandName}' is not enabled for resource '{instance.ResourceId}' while it is {instance.Snapshot.State?.Text}.");
        try
        {
            return await command.ExecuteCommand(new ExecuteCommandContext
            {
                Services = services,
                ResourceName = instance.ResourceId,
                CancellationToken = cancellationToken,
                Logger = loggers.CreateLogger(instance.ResourceId)
            });
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception failure)
        {
            // The fault boundary of commands: whatever a command throws is its result.
            return CommandResults.Failure(failure);
        }
    }
}
