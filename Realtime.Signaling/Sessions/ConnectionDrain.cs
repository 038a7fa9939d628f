using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// When the host is asked to stop: not ready any more, every client told to come back elsewhere, each at a moment of its own so that the others are not overrun, and a
/// bounded wait until they have gone.
/// </summary>
public sealed class ConnectionDrain(HubConnections connections, Readiness readiness, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService
{
    /// <summary>Resumes the remaining replicas are trusted with.</summary>
    const int ReturnsPerSecond = 500;

    static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(8);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    CancellationTokenRegistration _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Registered last and so called first, and waited for: ASP.NET Core's own handler of this event cuts every connection without a word.
        _registration = lifetime.ApplicationStopping.Register(() => DrainAsync().GetAwaiter().GetResult());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration.Dispose();
        return Task.CompletedTask;
    }

    async Task DrainAsync()
    {
        readiness.BeginDrain();
        var open = connections.All.ToArray();
        ActionLog.Record("sessions", "drain", open.Length);
        var window = TimeSpan.FromSeconds(Math.Max(1.0, (double)open.Length / ReturnsPerSecond));
        for (var i = 0; i < open.Length; i++)
            open[i].Lanes.Close(CloseCode.Drain, window * ((i + 1.0) / open.Length));
        var started = time.GetTimestamp();
        while (connections.Count > 0 && time.GetElapsedTime(started) < WaitAtMost)
            await Task.Delay(LookEvery, time, CancellationToken.None);
    }
}
