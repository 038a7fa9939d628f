using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Runner;

/// <summary>Starts the whole application and stops it in the opposite order.</summary>
internal sealed class ApplicationRunner(
    RunnerOptions options,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext execution,
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    StateDirectory state,
    HealthProbe health) : IHostedService, IAsyncDisposable
{
    private readonly Ports _ports = new();
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly CancellationTokenSource _watching = new();
    private IReadOnlyList<Supervisor> _supervisors = [];
    private ChildParentThread? _parent;
    private Task _watchers = Task.CompletedTask;
    private bool _stopped;

    public bool IsStarted { get; private set; }

    /// <summary>Returns when everything has its address and is on its way; waits and health follow by themselves.</summary>
    /// <exception cref="DistributedApplicationException">It cannot run here: the message says why and what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var instances = ResourceInstance.Of(model.Resources);
        WaitGraph.Depths(instances.Select(i => i.Resource));
        RefuseMissingPrograms(instances);
        state.Acquire();
        var ledger = new ChildLedger(state.ChildrenFile);
        if (ledger.KillLeftovers() is { Count: > 0 } leftovers)
            await Console.Error.WriteLineAsync($"Ended what a former run left behind: {string.Join(", ", leftovers)}.");
        EndpointAllocation.Allocate(instances, options, _ports);

        _parent = new ChildParentThread();
        var shared = new SupervisorServices(options, state, notifications, health, _parent, ledger, execution);
        foreach (var instance in instances)
            await notifications.PublishUpdateAsync(instance.Resource, instance.Id, s => s with { State = KnownResourceStates.NotStarted, Urls = ResourceUrls.Of(instance) });
        foreach (var replicas in instances.GroupBy(i => i.Resource).Where(g => g.Count() > 1))
        {
            foreach (var endpoint in replicas.Key.Annotations.OfType<EndpointAnnotation>())
                _servers.Add(await ReplicaFront.StartAsync(endpoint, [.. replicas], notifications));
        }

        if (await CommandSocket.StartAsync(state.CommandSocket, notifications, commands) is { } socket)
            _servers.Add(socket);
        _supervisors = [.. instances.Select(i => new Supervisor(i, shared))];
        var essential = instances.Where(i => i.Recipe is not { Essential: false }).Select(i => i.Id).ToHashSet();
        _watchers = Task.WhenAll(
            new EndpointsFile(state.EndpointsFile, instances, essential, notifications).WatchAsync(_watching.Token),
            options.ShowTable ? new StatusTable(Console.Out, notifications, essential, state).WatchAsync(_watching.Token) : Task.CompletedTask);
        foreach (var supervisor in _supervisors)
            await supervisor.StartAsync(cancellationToken);
        IsStarted = true;
    }

    /// <summary>Dependents first. A second Ctrl-C kills what has not ended yet.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
            return;
        _stopped = true;
        using var force = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var again = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => force.Cancel());
        var depths = WaitGraph.Depths(_supervisors.Select(s => s.Instance.Resource));
        foreach (var level in _supervisors.GroupBy(s => depths[s.Instance.Resource]).OrderByDescending(g => g.Key))
        {
            await Task.WhenAll(level.Select(s =>
            {
                s.Force = force.Token;
                return s.StopAsync(CancellationToken.None);
            }));
        }

        foreach (var server in _servers)
            await server.DisposeAsync();
        await _watching.CancelAsync();
        await _watchers;
    }

    public Task<ExecuteCommandResult> StartInstanceAsync(string id, CancellationToken cancellationToken) => CommandAsync(id, s => s.StartAsync(cancellationToken));

    public Task<ExecuteCommandResult> StopInstanceAsync(string id, CancellationToken cancellationToken) => CommandAsync(id, s => s.StopAsync(cancellationToken));

    public Task<ExecuteCommandResult> RestartInstanceAsync(string id, CancellationToken cancellationToken) => CommandAsync(id, async s =>
    {
        await s.StopAsync(cancellationToken);
        await s.StartAsync(cancellationToken);
    });

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var supervisor in _supervisors)
            supervisor.Dispose();
        _supervisors = [];
        _parent?.Dispose();
        health.Dispose();
        state.Dispose();
        _watching.Dispose();
    }

    private static void RefuseMissingPrograms(IEnumerable<ResourceInstance> instances)
    {
        var missing = instances.Where(i => i.Recipe is { Essential: true }).Select(i => i.Recipe!.Missing()).OfType<string>().Distinct().ToArray();
        if (missing.Length > 0)
            throw new DistributedApplicationException(string.Join(Environment.NewLine, missing));
    }

    private async Task<ExecuteCommandResult> CommandAsync(string id, Func<Supervisor, Task> command)
    {
        if (_supervisors.FirstOrDefault(s => s.Instance.Id == id) is not { } supervisor)
            return CommandResults.Failure($"Resource '{id}' is not run by this runner.");
        await command(supervisor);
        return CommandResults.Success();
    }
}
