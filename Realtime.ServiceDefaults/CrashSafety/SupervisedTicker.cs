namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>A supervised loop that does the same thing every so often. A tick that throws is reported; the next one comes at its time.</summary>
public abstract class SupervisedTicker : SupervisedService
{
    readonly TimeSpan _interval;
    readonly long _origin;

    /// <param name="interval">Between the end of one tick and the start of the next.</param>
    protected SupervisedTicker(Supervisor supervisor, TimeSpan interval, string? name = null) : base(supervisor, name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _interval = interval;
        _origin = supervisor.StartedAt;
    }

    /// <summary>A tick that takes longer than this is stuck for <c>/alive</c>.</summary>
    protected virtual TimeSpan TickTimeout => TimeSpan.FromMinutes(2);

    /// <summary>Read before each pause: a ticker whose interval is configured follows its configuration, up to <see cref="LongestInterval"/>.</summary>
    protected virtual TimeSpan CurrentInterval => _interval;

    /// <summary>For the watchdog, which is told once.</summary>
    protected virtual TimeSpan LongestInterval => _interval;

    protected sealed override TimeSpan? HeartbeatTimeout => LongestInterval + TickTimeout;

    /// <summary>
    /// True: ticks come at multiples of the interval, counted from the supervisor's start. For ticks that are short and frequent: those of a process come together then and wake it
    /// once, where waking costs more than they do.
    /// </summary>
    protected virtual bool IsInStep => false;

    protected abstract Task TickAsync(CancellationToken stopping);

    protected sealed override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            await RunItemAsync("tick", TickAsync, stopping);
            Heartbeat();
            await Task.Delay(Pause(CurrentInterval), Time, stopping);
            Heartbeat();
        }
    }

    TimeSpan Pause(TimeSpan interval)
    {
        if (!IsInStep)
            return interval;
        var left = TimeSpan.FromTicks(interval.Ticks - (Time.GetElapsedTime(_origin).Ticks % interval.Ticks));
        // A timer that fired a little early must not fire again at once.
        if (left < interval / 16)
            left += interval;
        // Timers know whole milliseconds: rounded the same way, all come in the same one.
        return TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
    }
}
