namespace Realtime.Tests.CrashSafety;

/// <summary>Time that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, in the order they are due.</summary>
public sealed class ManualTime : TimeProvider
{
    /// <summary>Bound of every wait of a test: reaching it is a failure, never a way to pass.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Lock _gate = new();
    readonly List<ManualTimer> _timers = [];
    DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    TaskCompletionSource _timerSet = NewSignal();

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves time on, firing what falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (TakeDue(end) is { } timer)
            timer.Fire();
        lock (_gate)
            _now = end;
    }

    /// <summary>Waits until somebody waits for the time: the moment at which moving it has an effect.</summary>
    /// <param name="within">Timers due later are others': a timeout that runs meanwhile.</param>
    /// <returns>How far away the first timer is.</returns>
    public async Task<TimeSpan> WaitForTimerAsync(TimeSpan? within = null)
    {
        while (true)
        {
            Task set;
            lock (_gate)
            {
                if (_timers.Count > 0 && _timers.Min(static timer => timer.Due) - _now is var first && first <= (within ?? TimeSpan.MaxValue))
                    return first;
                set = _timerSet.Task;
            }
            await set.WaitAsync(Patience);
        }
    }

    ManualTimer? TakeDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(static timer => timer.Due);
            if (next is null)
                return null;
            if (next.Due > _now)
                _now = next.Due;
            if (next.Period > TimeSpan.Zero)
                next.Due += next.Period;
            else
                _timers.Remove(next);
            return next;
        }
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due;
        public TimeSpan Period;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime < TimeSpan.Zero)
                    return true;
                Due = time._now + dueTime;
                Period = period;
                time._timers.Add(this);
                time._timerSet.TrySetResult();
                time._timerSet = NewSignal();
            }
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
