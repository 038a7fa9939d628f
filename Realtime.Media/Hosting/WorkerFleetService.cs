using Realtime.Media.Isolation;

namespace Realtime.Media.Hosting;

/// <summary>Starts and stops the workers with the host.</summary>
sealed class WorkerFleetService(WorkerFleet fleet) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => fleet.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => fleet.StopAsync(cancellationToken);
}
