using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions? commandOptions = null)
        where T : IResource
    {
        foreach (var old in builder.Resource.Annotations.OfType<ResourceCommandAnnotation>().Where(c => c.Name == name).ToArray())
            builder.Resource.Annotations.Remove(old);
        return builder.WithAnnotation(new ResourceCommandAnnotation(name, displayName, commandOptions?.UpdateState ?? (_ => ResourceCommandState.Enabled), executeCommand, commandOptions?.Description));
    }

    /// <summary>A command that sends a request to an endpoint of the resource (POST unless the options say otherwise).</summary>
    public static IResourceBuilder<T> WithHttpCommand<T>(this IResourceBuilder<T> builder, string path, string displayName, string? endpointName = null, string? commandName = null, HttpCommandOptions? commandOptions = null)
        where T : IResourceWithEndpoints
        => builder.WithHttpCommand(path, displayName, commandOptions?.EndpointSelector ?? (() => builder.GetEndpoint(endpointName ?? "http")), commandName, commandOptions);

    public static IResourceBuilder<T> WithHttpCommand<T>(this IResourceBuilder<T> builder, string path, string displayName, Func<EndpointReference>? endpointSelector, string? commandName = null, HttpCommandOptions? commandOptions = null)
        where T : IResourceWithEndpoints
    {
        var options = commandOptions ?? new HttpCommandOptions();
        var select = endpointSelector ?? (() => builder.GetEndpoint("http"));
        options.UpdateState ??= context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
        var name = commandName ?? $"{builder.Resource.Name}-http-{options.Method?.Method.ToLowerInvariant() ?? "post"}-{path}";
        return builder.WithCommand(name, displayName, context => SendAsync(context, select(), path, options), options);
    }

    /// <summary>Start, stop and restart, carried out by the runner.</summary>
    internal static IResourceBuilder<T> WithLifecycleCommands<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        builder.WithCommand(KnownResourceCommands.StartCommand, "Start", c => Runner(c).StartInstanceAsync(c.ResourceName, c.CancellationToken), new()
        {
            UpdateState = c => IsUp(c) ? ResourceCommandState.Disabled : ResourceCommandState.Enabled
        });
        builder.WithCommand(KnownResourceCommands.StopCommand, "Stop", c => Runner(c).StopInstanceAsync(c.ResourceName, c.CancellationToken), new()
        {
            UpdateState = c => KnownResourceStates.TerminalStates.Contains(c.ResourceSnapshot.State?.Text) && !IsUp(c) ? ResourceCommandState.Disabled : ResourceCommandState.Enabled
        });
        return builder.WithCommand(KnownResourceCommands.RestartCommand, "Restart", c => Runner(c).RestartInstanceAsync(c.ResourceName, c.CancellationToken));

        static ApplicationRunner Runner(ExecuteCommandContext context) => context.Services.GetRequiredService<ApplicationRunner>();
        static bool IsUp(UpdateCommandStateContext context) => context.ResourceSnapshot.Pid is not null;
    }

    private static async Task<ExecuteCommandResult> SendAsync(ExecuteCommandContext context, EndpointReference endpoint, string path, HttpCommandOptions options)
    {
        using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient("runner-commands");
        client.Timeout = TimeSpan.FromSeconds(30);
        using var request = new HttpRequestMessage(options.Method ?? HttpMethod.Post, new Uri(new Uri(endpoint.Url), path));
        if (options.PrepareRequest is { } prepare)
        {
            await prepare(new HttpCommandRequestContext
            {
                Services = context.Services,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Request = request
            });
        }

        using var response = await client.SendAsync(request, context.CancellationToken);
        if (options.GetCommandResult is { } read)
        {
            return await read(new HttpCommandResultContext
            {
                Services = context.Services,
                ResourceName = context.ResourceName,
                CancellationToken = context.CancellationToken,
                Response = response
            });
        }

        return response.IsSuccessStatusCode ? CommandResults.Success() : CommandResults.Failure($"Request failed with status code {(int)response.StatusCode}");
    }
}
