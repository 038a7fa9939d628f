using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Data;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// When the host is asked to stop: not ready and nobody new any more (<see cref="Admission"/>), every client told to come back elsewhere, each at a moment of its own so that
/// the others are not overrun, and a wait until they have gone that ends well before the host's own patience.
/// </summary>
public sealed class ConnectionDrain(
    HubConnections connections, ReplicaStore replicas, LimitOptions limits, Readiness readiness, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService
{
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
        var started = time.GetTimestamp();
        var told = new HashSet<HubConnection>();
        do
        {
            // Again and again: one that was being opened when this began is told as well.
            var open = connections.All.Where(told.Add).ToArray();
            if (open.Length > 0)
                ActionLog.Record("sessions", "drain", open.Length);
            var window = DrainSlots.Window(open.Length, replicas.Live - 1, limits.ResumesPerSecond);
            for (var i = 0; i < open.Length; i++)
                open[i].Lanes.Close(CloseCode.Drain, DrainSlots.Slot(i, open.Length, window));
            await Task.Delay(LookEvery, time, CancellationToken.None);
        }
        while (connections.Count > 0 && time.GetElapsedTime(started) < WaitAtMost);
    }
}
