using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;

namespace Realtime.Tests.Minimal.Hosting;

/// <summary>Small applications of shell commands for tests of the runner; the state lies in a folder of its own.</summary>
internal static class SampleApp
{
    public static IDistributedApplicationBuilder Builder(params string[] args)
    {
        var state = Path.Combine(Path.GetTempPath(), $"realtime-test-{Guid.NewGuid().ToString("N")[..12]}");
        return DistributedApplication.CreateBuilder(
            [$"--Runner:StateDirectory={state}", "--Runner:EphemeralState=true", "--Runner:ShowTable=false", "--DcpPublisher:RandomizePorts=true", .. args]);
    }

    /// <summary>Adds a resource that is one shell command.</summary>
    public static IResourceBuilder<ContainerResource> AddShell(this IDistributedApplicationBuilder builder, string name, string command)
        => builder.AddResource(new ContainerResource(name)).WithAnnotation(Recipe(command)).WithLifecycleCommands();

    public static ProcessRecipeAnnotation Recipe(string command) => new()
    {
        Missing = () => null,
        Prepare = (context, _) => Task.FromResult(new ProcessSpec
        {
            FileName = "/bin/sh",
            Arguments = ["-c", command],
            Environment = context.Environment,
            WorkingDirectory = context.State.Root
        })
    };

    public static int? Pid(DistributedApplication app, string id)
        => app.ResourceNotifications.TryGetCurrentState(id, out var e) ? e.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value as int? : null;
}
