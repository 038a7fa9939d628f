namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>A supervised loop that does the same thing every so often. A tick that throws is reported; the next one comes at its time.</summary>
public abstract class SupervisedTicker : SupervisedService
{
    readonly TimeSpan _interval;

    /// <param name="interval">Between the end of one tick and the start of the next.</param>
    protected SupervisedTicker(Supervisor supervisor, TimeSpan interval, string? name = null) : base(supervisor, name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _interval = interval;
    }

    /// <summary>A tick that takes longer than this is stuck for <c>/alive</c>.</summary>
    protected virtual TimeSpan TickTimeout => TimeSpan.FromMinutes(2);

    /// <summary>Read before each pause: a ticker whose interval is configured follows its configuration, up to <see cref="LongestInterval"/>.</summary>
    protected virtual TimeSpan CurrentInterval => _interval;

    /// <summary>For the watchdog, which is told once.</summary>
    protected virtual TimeSpan LongestInterval => _interval;

    protected sealed override TimeSpan? HeartbeatTimeout => LongestInterval + TickTimeout;

    protected abstract Task TickAsync(CancellationToken stopping);

    protected sealed override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            await RunItemAsync("tick", TickAsync, stopping);
            Heartbeat();
            await Task.Delay(CurrentInterval, Time, stopping);
            Heartbeat();
        }
    }
}
