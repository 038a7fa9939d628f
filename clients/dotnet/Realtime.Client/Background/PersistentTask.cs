using Realtime.Contracts;

namespace Realtime.Client.Background;

/// <summary>
/// Work that has to succeed in the end: one run at a time; asked for again during a run, it runs once more afterwards; a retryable failure is tried again with backoff, any other one
/// ends this request and is told to <paramref name="refused"/>.
/// </summary>
sealed class PersistentTask(Supervisor supervisor, Func<CancellationToken, Task> work, Action<RealtimeException> refused)
{
    /// <summary>The server's own faults may pass; more of them in a row are an answer.</summary>
    public const int MaxFaults = 3;

    readonly Lock _gate = new();
    readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
    TaskCompletionSource? _waiting;
    bool _running;
    bool _wanted;
    bool _stopped;
    int _faults;

    /// <summary>Asks for a run; does not shorten a wait that a failure imposed.</summary>
    public void Request()
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            _wanted = true;
            if (_running)
                return;
            _running = true;
        }
        supervisor.Start(RunAsync);
    }

    /// <summary>Asks for a run now: what made the last one fail (no connection) is over.</summary>
    public void RequestNow()
    {
        lock (_gate)
        {
            _backoff.Reset();
            _waiting?.TrySetResult();
        }
        Request();
    }

    /// <summary>For good.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _waiting?.TrySetResult();
        }
    }

    async Task RunAsync(CancellationToken cancellation)
    {
        while (Take())
        {
            try
            {
                await work(cancellation);
                lock (_gate)
                    _backoff.Reset();
                _faults = 0;
            }
            catch (RealtimeException failure) when (failure.IsRetryable || (failure.Code == ErrorCode.Internal && ++_faults <= MaxFaults))
            {
                await PauseAsync(failure.RetryAfter ?? TimeSpan.Zero, cancellation);
            }
            catch (RealtimeException failure)
            {
                _faults = 0;
                refused(failure);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // Our own fault: the supervisor reports it and starts this anew, and there is still something to do.
                lock (_gate)
                    _wanted = true;
                throw;
            }
        }
    }

    bool Take()
    {
        lock (_gate)
        {
            _running = _wanted && !_stopped;
            _wanted = false;
            return _running;
        }
    }

    async Task PauseAsync(TimeSpan atLeast, CancellationToken cancellation)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan pause;
        lock (_gate)
        {
            _wanted = true;
            _waiting = waiting;
            pause = _backoff.Next(atLeast);
        }
        await Task.WhenAny(waiting.Task, Task.Delay(pause, cancellation));
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
            _waiting = null;
    }
}
