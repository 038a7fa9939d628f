using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// Before the host stops: not ready any more, every client told to come back elsewhere, each at a moment of its own so that the others are not overrun, and a
/// bounded wait until they have gone.
/// </summary>
public sealed class ConnectionDrain(HubConnections connections, Readiness readiness, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>Resumes the remaining replicas are trusted with.</summary>
    const int ReturnsPerSecond = 500;

    static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(8);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.BeginDrain();
        var open = connections.All.ToArray();
        ActionLog.Record("sessions", "drain", open.Length);
        var window = TimeSpan.FromSeconds(Math.Max(1.0, (double)open.Length / ReturnsPerSecond));
        for (var i = 0; i < open.Length; i++)
            open[i].Lanes.Close(CloseCode.Drain, window * ((i + 1.0) / open.Length));
        var started = time.GetTimestamp();
        while (connections.Count > 0 && time.GetElapsedTime(started) < WaitAtMost && !cancellationToken.IsCancellationRequested)
            await Task.Delay(LookEvery, time, CancellationToken.None);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
