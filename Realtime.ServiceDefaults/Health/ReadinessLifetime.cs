using Microsoft.Extensions.Hosting;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Health;

/// <summary>Moves readiness along with the host: ready once started, draining from the moment a stop is asked for.</summary>
sealed class ReadinessLifetime(Readiness readiness, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            readiness.MarkStarted();
            ActionLog.Record("host", "started");
        });
        lifetime.ApplicationStopping.Register(() =>
        {
            readiness.BeginDrain();
            ActionLog.Record("host", "stopping");
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
