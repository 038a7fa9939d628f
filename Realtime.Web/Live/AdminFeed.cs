using Realtime.Contracts;

namespace Realtime.Web.Live;

/// <summary>The newest state of the admin feed, for all viewers of this process. Thread-safe: one writer, any number of waiting readers.</summary>
sealed class AdminFeed(TimeProvider time)
{
    readonly Lock _gate = new();
    volatile FeedState _state = FeedState.Nothing;
    TaskCompletionSource _changed = NewSignal();

    public FeedState Current => _state;

    public void Publish(AdminSnapshot snapshot) => Set(state => new(state.Version + 1, snapshot, time.GetUtcNow(), null));

    /// <summary>The feed broke: what is shown stays, and says that it is old.</summary>
    public void Break(string problem) => Set(state => state.Problem == problem ? state : state with { Version = state.Version + 1, Problem = problem });

    /// <summary>Returns once there is something newer than <paramref name="version"/>.</summary>
    public async Task<FeedState> NewerThanAsync(long version, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_state.Version > version)
                    return _state;
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellation);
        }
    }

    void Set(Func<FeedState, FeedState> change)
    {
        lock (_gate)
        {
            var next = change(_state);
            if (ReferenceEquals(next, _state))
                return;
            _state = next;
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
