using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>What supervisors share.</summary>
internal sealed record SupervisorServices(
    RunnerOptions Options,
    StateDirectory State,
    ResourceNotificationService Notifications,
    HealthProbe Health,
    ChildParentThread Parent,
    ChildLedger Ledger,
    DistributedApplicationExecutionContext Execution);

/// <summary>The life of one instance: waits, starts, watches its health, starts again what died, stops.</summary>
internal sealed class Supervisor(ResourceInstance instance, SupervisorServices shared) : IDisposable
{
    /// <summary>Tell what is started again how the run before ended, and which one that was.</summary>
    private const string LastExitVariable = "RUNNER_LAST_EXIT";
    private const string LastProcessVariable = "RUNNER_LAST_PROCESS";

    private readonly SemaphoreSlim _commands = new(1, 1);
    private readonly LogFile? _log = instance.Recipe is null ? null : new(Path.Combine(shared.State.Logs, $"{instance.Id}.log"));
    private CancellationTokenSource _stop = new();
    private Task _life = Task.CompletedTask;
    private (int Process, int ExitCode)? _last;

    public ResourceInstance Instance { get; } = instance;

    /// <summary>Cancelled when the operator does not want to wait for an orderly end.</summary>
    public CancellationToken Force { get; set; }

    /// <summary>Begins the instance's life unless it lives; returns at once.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _commands.WaitAsync(cancellationToken);
        try
        {
            if (!_life.IsCompleted)
                return;
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            _life = LiveAsync(_stop.Token);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Ends the instance's life; returns when its process is gone.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _commands.WaitAsync(cancellationToken);
        try
        {
            await _stop.CancelAsync();
            await _life;
        }
        finally
        {
            _commands.Release();
        }
    }

    public void Dispose()
    {
        _log?.Dispose();
        _stop.Dispose();
        _commands.Dispose();
    }

    private async Task LiveAsync(CancellationToken stop)
    {
        try
        {
            Publish(KnownResourceStates.Waiting);
            await WaitGraph.WaitAsync(Instance.Resource, shared.Notifications, shared.Options.StopOnResourceUnavailable, shared.Options.RestartOnExit, stop);
            if (Instance.Recipe?.Missing() is { } missing)
                throw new DistributedApplicationException(missing);
            await LiveAgainAndAgainAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Publish(KnownResourceStates.Exited, null, s => s with { ExitCode = _last?.ExitCode });
        }
        catch (Exception failure)
        {
            // The fault boundary of one instance: what stops its start is its state, and the others go on.
            Publish(KnownResourceStates.FailedToStart, failure.Message);
        }
    }

    private async Task LiveAgainAndAgainAsync(CancellationToken stop)
    {
        var backoff = new Backoff();
        while (true)
        {
            Publish(KnownResourceStates.Starting);
            var lived = Stopwatch.StartNew();
            var (exitCode, end) = await LiveOnceAsync(lived, stop);
            stop.ThrowIfCancellationRequested();
            if (!shared.Options.RestartOnExit)
            {
                Publish(KnownResourceStates.Exited, end, s => s with { ExitCode = exitCode });
                return;
            }

            var pause = backoff.Next(lived.Elapsed);
            Publish(KnownResourceStates.Exited, string.Create(CultureInfo.InvariantCulture, $"{end}; starts again in {pause.TotalSeconds:F0} s"), s => s with { ExitCode = exitCode });
            await Task.Delay(pause, stop);
        }
    }

    /// <returns>How it ended. A start that fails for a reason that may pass is an end like another where restarting is on.</returns>
    private async Task<(int? ExitCode, string End)> LiveOnceAsync(Stopwatch lived, CancellationToken stop)
    {
        try
        {
            if (Instance.Recipe is not { } recipe)
            {
                await ExistAsync(stop);
                return (null, "ended");
            }

            var variables = await LaunchEnvironment.VariablesAsync(Instance, shared.Execution, stop);
            var arguments = await LaunchEnvironment.ArgumentsAsync(Instance, stop);
            var spec = await recipe.Prepare(new RecipeContext(Instance, shared.State, arguments, variables), stop);
            // What starts again may tell how it ended.
            if (_last is { } last)
            {
                spec = spec with
                {
                    Environment = new Dictionary<string, string>(spec.Environment)
                    {
                        [LastExitVariable] = last.ExitCode.ToString(CultureInfo.InvariantCulture),
                        [LastProcessVariable] = last.Process.ToString(CultureInfo.InvariantCulture),
                    },
                };
            }
            var exitCode = await RunAsync(spec, stop);
            return (exitCode, string.Create(CultureInfo.InvariantCulture, $"ended with code {exitCode} after {lived.Elapsed.TotalSeconds:F0} s, see {_log!.Path}"));
        }
        catch (Exception failure) when (shared.Options.RestartOnExit && failure is not (OperationCanceledException or DistributedApplicationException))
        {
            return (null, failure.Message);
        }
    }

    private async Task<int> RunAsync(ProcessSpec spec, CancellationToken stop)
    {
        using var process = await ChildProcess.StartAsync(spec, _log!, shared.Parent);
        shared.Ledger.Add(process.Id, Instance.Id);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            Publish(KnownResourceStates.Running, null, s => Running(s, process.Id, spec));
            var health = WatchHealthAsync(ended.Token);
            await process.Exited.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ended.CancelAsync();
            await health;
        }
        finally
        {
            if (!process.HasExited)
                Publish(KnownResourceStates.Stopping);
            // Also after an exit: what it started and left behind goes with it.
            await process.StopAsync(spec.StopSignal, shared.Options.StopGrace, Force);
            shared.Ledger.Remove(process.Id);
        }

        _last = (process.Id, process.ExitCode);
        return process.ExitCode;
    }

    /// <summary>A resource inside its parent: made once, then only its health is watched.</summary>
    private async Task ExistAsync(CancellationToken stop)
    {
        foreach (var create in Instance.Resource.Annotations.OfType<CreateInParentAnnotation>())
            await create.Create(stop);
        Publish(KnownResourceStates.Running, null, s => s with { HealthReports = HealthProbe.Unasked(Instance.Resource) });
        await WatchHealthAsync(stop);
    }

    private async Task WatchHealthAsync(CancellationToken ended)
    {
        var age = Stopwatch.StartNew();
        var schedule = new HealthSchedule();
        var asks = Instance.Resource.Annotations.OfType<HealthCheckAnnotation>().Any();
        while (!ended.IsCancellationRequested)
        {
            if (!asks)
            {
                await Task.Delay(Timeout.Infinite, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            try
            {
                var reports = await shared.Health.AskAsync(Instance, ended);
                var healthy = true;
                await shared.Notifications.PublishUpdateAsync(Instance.Resource, Instance.Id, s =>
                {
                    var next = s with { HealthReports = reports };
                    healthy = next.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;
                    // Equal by content, so that a poll without news is no change.
                    return s.HealthReports.SequenceEqual(reports) ? s : next;
                });
                await Task.Delay(schedule.Next(healthy, age.Elapsed), ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private CustomResourceSnapshot Running(CustomResourceSnapshot previous, int pid, ProcessSpec spec) => previous with
    {
        ExitCode = null,
        StartTimeStamp = DateTime.UtcNow,
        StopTimeStamp = null,
        HealthReports = HealthProbe.Unasked(Instance.Resource),
        Properties = [new("executable.pid", pid), new("executable.path", spec.FileName), new("executable.workDir", spec.WorkingDirectory)],
        EnvironmentVariables = [.. spec.Environment.Select(e => new EnvironmentVariableSnapshot(e.Key, e.Value, true))]
    };

    private void Publish(string state, string? note = null, Func<CustomResourceSnapshot, CustomResourceSnapshot>? change = null)
        => shared.Notifications.PublishUpdateAsync(Instance.Resource, Instance.Id, previous =>
        {
            var next = previous with { State = state, Note = note };
            if (KnownResourceStates.TerminalStates.Contains(state))
                next = next with { StopTimeStamp = DateTime.UtcNow, Properties = [.. next.Properties.Where(p => p.Name != "executable.pid")] };
            return change?.Invoke(next) ?? next;
        });
}
