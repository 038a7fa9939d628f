using Realtime.Media.Isolation;

namespace Realtime.Media.Hosting;

/// <summary>Starts and stops the workers with the host.</summary>
sealed class WorkerFleetService(WorkerFleet fleet) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in fleet.Workers) await worker.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(fleet.Workers.Select(worker => worker.StopAsync(cancellationToken)));
}
