using Realtime.Media.Isolation;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>
/// Sees a drain to its end. Signaling hears of it by the heartbeat and moves the rooms; what is left after the time set for it is closed, so that a drain is bounded whoever does
/// not do their part. A stop of the process (SIGTERM) is a drain too: it waits until the rooms are gone, as long as there is a replica that could move them.
/// </summary>
sealed class DrainKeeper(Supervisor supervisor, Drain drain, EventFeed feed, WorkerFleet fleet, DrainLimit limit, IHostApplicationLifetime lifetime)
    : SupervisedTicker(supervisor, IdleInterval)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Without a drain; so the end of one may be seen to as much later.</summary>
    static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(500);

    CancellationTokenRegistration registration;
    long startedAt;
    bool isClosed;

    protected override bool IsInStep => true;

    protected override TimeSpan CurrentInterval => drain.IsDraining ? LookEvery : IdleInterval;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Waited for: after this event Kestrel stops, and with it what tells signaling to move the rooms.
        registration = lifetime.ApplicationStopping.Register(() => WaitAsync().GetAwaiter().GetResult());
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        registration.Dispose();
        base.Dispose();
    }

    protected override async Task TickAsync(CancellationToken stopping)
    {
        if (!drain.IsDraining)
        {
            (startedAt, isClosed) = (0, false);
            return;
        }

        if (isClosed) return;
        if (startedAt == 0) startedAt = Time.GetTimestamp();
        if (Time.GetElapsedTime(startedAt) < limit.Within) return;
        isClosed = true;
        if (Rooms == 0) return;
        ActionLog.Record("media", "drainEnds");
        foreach (var worker in fleet.Workers)
        {
            if (worker.Mailbox.TryCall(static (each, now, outbox) => each.CloseAll(now, outbox)) is { } call) await call.WaitAsync(limit.Within, Time, stopping);
        }
    }

    int Rooms => fleet.Workers.Sum(static worker => worker.Counters.Rooms);

    async Task WaitAsync()
    {
        drain.Begin(forGood: true);
        var started = Time.GetTimestamp();
        while (Rooms > 0 && feed.HasReaders && Time.GetElapsedTime(started) < limit.Within) await Task.Delay(LookEvery, Time, CancellationToken.None);
        // Kestrel would wait for streams that never end.
        feed.Close();
    }
}

/// <param name="Within">From the order to drain until what is left is closed.</param>
public sealed record DrainLimit(TimeSpan Within);
