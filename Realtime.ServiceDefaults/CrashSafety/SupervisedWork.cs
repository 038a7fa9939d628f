namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>The handle of work started by <see cref="Supervisor.Start(GuardedContext, Func{CancellationToken, Task}, bool)"/>.</summary>
public sealed class SupervisedWork : IAsyncDisposable
{
    readonly CancellationTokenSource _stop;

    internal SupervisedWork(GuardedContext context, CancellationToken host)
    {
        Context = context;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(host);
        Stopping = _stop.Token;
    }

    public GuardedContext Context { get; }

    /// <summary>Ends with the work and never fails: what went wrong is in <see cref="Outcome"/> and in the crash report.</summary>
    public Task Completion { get; internal set; } = Task.CompletedTask;

    /// <summary>Set before <see cref="Completion"/> ends.</summary>
    public GuardedOutcome Outcome { get; internal set; }

    internal CancellationToken Stopping { get; }

    /// <summary>The work is over: the host need not tell it to stop, whether somebody disposes this or not.</summary>
    internal void Ended() => _stop.Dispose();

    /// <summary>Asks the work to end without waiting: for callers on the work's own path.</summary>
    public void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed meanwhile: cancelled already.
            return;
        }
    }

    /// <summary>Cancels the work and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await Completion;
        _stop.Dispose();
    }
}
