using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>What went wrong, said for the person who runs the application.</summary>
public class DistributedApplicationException(string message, Exception? inner = null) : Exception(message, inner);

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }
}

/// <summary>The built application; running it starts every resource as a process and stops them at the end.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;

    internal DistributedApplication(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;
    public ApplicationModel.ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ApplicationModel.ResourceNotificationService>();
    public ApplicationModel.ResourceCommandService ResourceCommands => Services.GetRequiredService<ApplicationModel.ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options, AppHostCapture.Current);

    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs until Ctrl-C or SIGTERM. What stops the start is printed as one message, and the exit code is 1.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _host.RunAsync(cancellationToken);
        }
        catch (DistributedApplicationException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            Environment.ExitCode = 1;
        }
    }

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // The runner is one of the host's services and stops what still runs.
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
