using System.Collections.Concurrent;

namespace Aspire.Hosting.Runner;

/// <summary>
/// The one thread that starts processes. The kernel's parent-death signal is sent when the <em>thread</em> that forked ends, so a pool
/// thread would kill its children at any time; this one lives as long as the runner.
/// </summary>
internal sealed class ChildParentThread : IDisposable
{
    // Bounded by the instances of the application: each waits for its own start.
    private readonly BlockingCollection<Action> _work = new(256);

    public ChildParentThread() => new Thread(Work) { IsBackground = true, Name = "child processes" }.Start();

    public Task<T> RunAsync<T>(Func<T> start)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                result.SetResult(start());
            }
            catch (Exception failure)
            {
                result.SetException(failure);
            }
        });
        return result.Task;
    }

    public void Dispose() => _work.CompleteAdding();

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}
