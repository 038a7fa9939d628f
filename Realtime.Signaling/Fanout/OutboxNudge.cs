namespace Realtime.Signaling.Fanout;

/// <summary>Lets the outbox tail look at once instead of at its next turn. Many nudges while it looks are one.</summary>
public sealed class OutboxNudge : IDisposable
{
    readonly SemaphoreSlim _wake = new(0, 1);
    readonly Lock _gate = new();

    public void Now()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _wake.WaitAsync(atMost, cancellation);

    public void Dispose() => _wake.Dispose();
}
