using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// The one way to start background work. <see cref="SupervisedService"/> is for loops that live as long as the host; <see cref="Start(GuardedContext, Func{CancellationToken, Task}, bool)"/> for work
/// that lives as long as something else (a connection's reader, a node's event stream): tracked, bounded, reported, awaited at disposal.
/// </summary>
public sealed class Supervisor(
    CrashReporter reporter, Guarded guarded, Readiness readiness, LoopWatchdog watchdog, TimeProvider time, ILogger<Supervisor> log, Random? random = null) : IAsyncDisposable
{
    /// <summary>Works running at once through <see cref="Start(GuardedContext, Func{CancellationToken, Task}, bool)"/>; beyond, it throws and the caller refuses what the work was for.</summary>
    public const int MaxRunning = 200_000;

    /// <summary>How long the stop of the host waits for works that were cancelled.</summary>
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<SupervisedWork, byte> _running = [];
    readonly CancellationTokenSource _stopping = new();
    readonly SupervisedLoop _loop = new(reporter, readiness, time, random ?? new Random(), log);

    public TimeProvider Time => time;

    /// <summary>Where ticks in step are counted from (<see cref="SupervisedTicker"/>), by <see cref="Time"/>'s timestamps; another one in each process.</summary>
    public long StartedAt { get; } = time.GetTimestamp();

    public Guarded Guarded => guarded;
    public LoopWatchdog Watchdog => watchdog;
    public int Running => _running.Count;

    /// <summary>Starts work on the thread pool. Dispose the handle to cancel it and wait for its end.</summary>
    /// <param name="context">Component and action name the work in reports; user and room say for whom it runs.</param>
    /// <param name="restart">True: an exception restarts it with backoff. False: an exception is reported and ends it.</param>
    /// <exception cref="InvalidOperationException"><see cref="MaxRunning"/> works run already, or the host has stopped.</exception>
    public SupervisedWork Start(GuardedContext context, Func<CancellationToken, Task> work, bool restart = false)
    {
        if (_running.Count >= MaxRunning)
            throw new InvalidOperationException($"{MaxRunning} background works run already; '{context.Component}' was not started.");
        if (_stopping.IsCancellationRequested)
            throw new InvalidOperationException($"The host has stopped; '{context.Component}' was not started.");
        var handle = new SupervisedWork(context, _stopping.Token);
        _running[handle] = 0;
        handle.Completion = Task.Run(() => RunAsync(handle, work, restart));
        return handle;
    }

    /// <inheritdoc cref="Start(GuardedContext, Func{CancellationToken, Task}, bool)"/>
    public SupervisedWork Start(string component, Func<CancellationToken, Task> work, bool restart = false) =>
        Start(new GuardedContext(component, "run"), work, restart);

    internal Task RunLoopAsync(GuardedContext context, Func<CancellationToken, Task> loop, CancellationToken stopping) =>
        _loop.RunAsync(context, loop, stopping);

    async Task RunAsync(SupervisedWork handle, Func<CancellationToken, Task> work, bool restart)
    {
        try
        {
            if (restart)
                await _loop.RunAsync(handle.Context, work, handle.Stopping);
            else
                handle.Outcome = await guarded.RunAsync(handle.Context, work, handle.Stopping);
        }
        catch (OperationCanceledException) when (handle.Stopping.IsCancellationRequested)
        {
            // Asked for: the normal end of work whose owner went away.
            handle.Outcome = default;
        }
        finally
        {
            _running.TryRemove(handle, out _);
            handle.Ended();
        }
    }

    /// <summary>Cancels everything that still runs and waits for it, <see cref="StopTimeout"/> at most.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        var left = _running.Keys.Select(static work => work.Completion).ToArray();
        await Task.WhenAny(Task.WhenAll(left), Task.Delay(StopTimeout));
    }
}
