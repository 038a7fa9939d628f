using System.Net;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>Where a node listens and how.</summary>
/// <param name="Udp">The first worker's address; the others follow port by port (0: the system chooses each). Null: TCP alone.</param>
/// <param name="Tcp">One port for all workers; null: UDP alone.</param>
public sealed record FleetOptions(int Workers, IPEndPoint? Udp, IPEndPoint? Tcp)
{
    public EdgeKind Edge { get; init; }

    public TcpLimits TcpLimits { get; init; } = new();

    public MediaQuotas Quotas { get; init; } = new();

    /// <summary>Where the circuits of the peers' transports are shown.</summary>
    public CircuitRegistry Circuits { get; init; } = new(TimeProvider.System);
}

/// <summary>All workers of a node, each on its own thread and UDP port, and the TCP port they share.</summary>
public sealed class WorkerFleet : IDisposable
{
    readonly WorkerThread[] workers;
    readonly UfragDirectory ufrags = new();

    /// <param name="environmentOf">What a worker's peers share, given its UDP port and the node's TCP port (0: none): candidates name them.</param>
    /// <param name="publish">Takes worker number and event, on that worker's thread.</param>
    public WorkerFleet(FleetOptions options, Supervisor supervisor, Func<int, int, PeerEnvironment> environmentOf, Action<int, MediaRoomEvent> publish)
    {
        workers = new WorkerThread[options.Workers];
        Tcp = options.Tcp is { } tcp ? new IceTcpService(supervisor, tcp, options.TcpLimits, HandOver) : null;
        var share = options.Quotas with { HalfOpenHandshakes = Math.Max(1, options.Quotas.HalfOpenHandshakes / options.Workers) };
        for (var i = 0; i < workers.Length; i++)
        {
            var index = i;
            var udp = options.Udp is { } first ? new IPEndPoint(first.Address, first.Port == 0 ? 0 : first.Port + i) : null;
            workers[i] = new WorkerThread(supervisor, i, new EdgeOptions(options.Edge, udp, options.TcpLimits, 0), Lease, port =>
                new WorkerEnvironment(environmentOf(port, Tcp?.Port ?? 0), share, supervisor.Guarded, e => publish(index, e)) { Index = index, Ufrags = ufrags, Circuits = options.Circuits });
        }
    }

    /// <summary>Null without TCP.</summary>
    public IceTcpService? Tcp { get; }

    public NodeLease Lease { get; } = new(MonotonicClock.Now);

    public IReadOnlyList<WorkerThread> Workers => workers;

    public WorkerThread For(string room) => workers[Placement.WorkerOf(room, workers.Length)];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in workers) await worker.StartAsync(cancellationToken);
        if (Tcp is not null) await Tcp.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Tcp is not null) await Tcp.StopAsync(cancellationToken);
        await Task.WhenAll(workers.Select(worker => worker.StopAsync(cancellationToken)));
    }

    public void Dispose()
    {
        Tcp?.Dispose();
        foreach (var worker in workers) worker.Dispose();
    }

    bool HandOver(UfragKey ufrag, TcpHandover connection) => ufrags.TryFind(ufrag, out var worker) && workers[worker].TryHandOver(connection);
}
