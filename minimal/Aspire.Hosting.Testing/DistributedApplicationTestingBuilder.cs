using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// Runs an AppHost's entry point in this process up to Build. Ports are random, and the state lies in a folder of its own that goes when
/// the application is disposed, unless the arguments say otherwise.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class
        => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <exception cref="InvalidOperationException">The entry point ended, or took a minute, without building an application.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        var assembly = typeof(TEntryPoint).Assembly;
        var entryPoint = assembly.EntryPoint ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no entry point.");
        var capture = new AppHostCapture(assembly, new Dictionary<string, string?>
        {
            ["DcpPublisher:RandomizePorts"] = "true",
            ["Runner:StateDirectory"] = Path.Combine(Path.GetTempPath(), $"realtime-test-{Guid.NewGuid().ToString("N")[..12]}"),
            ["Runner:EphemeralState"] = "true",
            ["Runner:ShowTable"] = "false",
            ["Runner:StopOnResourceUnavailable"] = "true"
        });
        new Thread(() => RunEntryPoint(entryPoint, args, capture)) { IsBackground = true, Name = "AppHost entry point" }.Start();
        var captured = await capture.Builder.WaitAsync(_patience, cancellationToken);
        return new TestingBuilder(captured);
    }

    private static void RunEntryPoint(MethodInfo entryPoint, string[] args, AppHostCapture capture)
    {
        AppHostCapture.Current = capture;
        try
        {
            var result = entryPoint.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entryPoint.GetParameters().Length == 0 ? [] : [args], null);
            (result as Task)?.GetAwaiter().GetResult();
            capture.Failed(new InvalidOperationException("The AppHost's entry point ended without building an application."));
        }
        catch (EntryPointCapturedException)
        {
            return;
        }
        catch (Exception failure)
        {
            // The thread's fault boundary: the test that waits for the builder gets it.
            capture.Failed(failure);
        }
    }

    private sealed class TestingBuilder(AppHostCapture.Captured captured) : IDistributedApplicationTestingBuilder
    {
        private DistributedApplication? _built;

        public ConfigurationManager Configuration => captured.Builder.Configuration;
        public string AppHostDirectory => captured.Builder.AppHostDirectory;
        public Assembly? AppHostAssembly => captured.Builder.AppHostAssembly;
        public IHostEnvironment Environment => captured.Builder.Environment;
        public IServiceCollection Services => captured.Builder.Services;
        public DistributedApplicationExecutionContext ExecutionContext => captured.Builder.ExecutionContext;
        public IResourceCollection Resources => captured.Builder.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource)
            where T : IResource
            => captured.Builder.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
            where T : IResource
            => captured.Builder.CreateResourceBuilder(resource);

        public DistributedApplication Build() => _built ??= captured.Build();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) => Task.FromResult(Build());

        public async ValueTask DisposeAsync()
        {
            if (_built is not null)
                await _built.DisposeAsync();
            // A builder that was only looked at may have stored generated parameters.
            var runner = RunnerOptions.Read(Configuration, AppHostDirectory);
            if (runner.EphemeralState && Directory.Exists(runner.StateDirectory))
                Directory.Delete(runner.StateDirectory, recursive: true);
        }

        public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
