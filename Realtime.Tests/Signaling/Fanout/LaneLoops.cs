using Realtime.Tests.CrashSafety;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>Runs the loops of a test's connections, and counts them.</summary>
sealed class LaneLoops : IAsyncDisposable
{
    readonly CancellationTokenSource _ended = new();
    readonly List<Task> _loops = [];

    public int Started => _loops.Count;

    public bool Start(Func<CancellationToken, Task> loop)
    {
        _loops.Add(Task.Run(() => loop(_ended.Token)));
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_loops).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(ManualTime.Patience);
        _ended.Dispose();
    }
}
