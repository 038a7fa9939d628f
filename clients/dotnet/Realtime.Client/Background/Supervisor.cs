namespace Realtime.Client.Background;

/// <summary>
/// Everything that runs in the background runs here: a loop that fails is reported and started anew, and all of them have ended when this is disposed.
/// </summary>
sealed class Supervisor(Action<Exception>? onFault) : IAsyncDisposable
{
    readonly Lock _gate = new();
    readonly HashSet<Task> _running = [];
    readonly CancellationTokenSource _ending = new();
    bool _disposed;

    public CancellationToken Ending => _ending.Token;

    /// <summary>Runs until it returns; a failure starts it anew, after a pause.</summary>
    public void Start(Func<CancellationToken, Task> loop)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            var running = Task.Run(() => SuperviseAsync(loop));
            _running.Add(running);
            running.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Tells of something that went wrong and was contained.</summary>
    public void Report(Exception fault)
    {
        try
        {
            onFault?.Invoke(fault);
        }
        catch (Exception exception) when (!ReferenceEquals(exception, fault))
        {
            // The application's own reporter failed: there is nobody left to tell but whoever debugs it.
            System.Diagnostics.Debug.WriteLine(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            _disposed = true;
            running = [.. _running];
        }
        // Not under the lock: whoever hears it may hold others.
        await _ending.CancelAsync();
        await Task.WhenAll(running);
    }

    async Task SuperviseAsync(Func<CancellationToken, Task> loop)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await loop(_ending.Token);
                return;
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                Report(fault);
            }
            await PauseAsync(backoff.Next());
        }
    }

    /// <summary>Ends early when everything ends.</summary>
    async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    void Ended(Task task)
    {
        lock (_gate)
            _running.Remove(task);
    }
}
