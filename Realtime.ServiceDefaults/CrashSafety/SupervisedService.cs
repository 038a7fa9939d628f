using Microsoft.Extensions.Hosting;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Base of every background loop that lives as long as the host. An exception of the loop restarts it with backoff (1 → 30 s) and is reported;
/// more than five restarts a minute in the process take it out of readiness. So a dependency that is known to fail is handled inside the loop;
/// one item's failure stays with that item (<see cref="RunItemAsync"/>).
/// </summary>
public abstract class SupervisedService : BackgroundService
{
    readonly Supervisor _supervisor;
    WatchedLoop? _watched;

    /// <param name="name">How logs, reports and metrics call it; default: the type's name.</param>
    protected SupervisedService(Supervisor supervisor, string? name = null)
    {
        _supervisor = supervisor;
        Name = name ?? GetType().Name;
    }

    protected string Name { get; }
    protected TimeProvider Time => _supervisor.Time;

    /// <summary>Not null: <c>/alive</c> fails when <see cref="Heartbeat"/> was not called for this long. Only for loops whose turns are short.</summary>
    protected virtual TimeSpan? HeartbeatTimeout => null;

    /// <summary>The loop. Returning ends the service; throwing restarts it.</summary>
    protected abstract Task RunLoopAsync(CancellationToken stopping);

    /// <summary>Tells the watchdog that the loop turns.</summary>
    protected void Heartbeat() => _watched?.Beat();

    /// <summary>Runs one item's work: its exception is reported and returned as an outcome, and the loop goes on with the next.</summary>
    protected Task<GuardedOutcome> RunItemAsync(string action, Func<CancellationToken, Task> work, CancellationToken stopping, string? user = null, string? room = null) =>
        _supervisor.Guarded.RunAsync(new GuardedContext(Name, action, user, room), work, stopping);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watched = HeartbeatTimeout is { } timeout ? _supervisor.Watchdog.Watch(Name, timeout) : null;
        _watched = watched;
        ActionLog.Record(Name, "started");
        await _supervisor.RunLoopAsync(new GuardedContext(Name, "loop"), Turn, stoppingToken);
        ActionLog.Record(Name, "stopped");
    }

    Task Turn(CancellationToken stopping)
    {
        Heartbeat();
        return RunLoopAsync(stopping);
    }
}
