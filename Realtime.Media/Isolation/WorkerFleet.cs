using System.Net;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Peers;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>All workers of a node, each on its own thread and port.</summary>
public sealed class WorkerFleet : IDisposable
{
    readonly WorkerThread[] workers;

    /// <param name="bind">The first worker's address; the others follow port by port (0: the system chooses each).</param>
    /// <param name="environmentOf">What the peers of the worker on this port share: its candidates name the port.</param>
    /// <param name="publish">Takes worker number and event, on that worker's thread.</param>
    public WorkerFleet(
        int count, IPEndPoint bind, MediaQuotas quotas, Supervisor supervisor, Func<int, PeerEnvironment> environmentOf, Action<int, MediaRoomEvent> publish)
    {
        var share = quotas with { HalfOpenHandshakes = Math.Max(1, quotas.HalfOpenHandshakes / count) };
        workers = new WorkerThread[count];
        for (var i = 0; i < count; i++)
        {
            var index = i;
            workers[i] = new WorkerThread(
                supervisor, i, new IPEndPoint(bind.Address, bind.Port == 0 ? 0 : bind.Port + i),
                port => new WorkerEnvironment(environmentOf(port), share, supervisor.Guarded, e => publish(index, e)));
        }
    }

    public IReadOnlyList<WorkerThread> Workers => workers;

    public WorkerThread For(string room) => workers[Placement.WorkerOf(room, workers.Length)];

    public void Dispose()
    {
        foreach (var worker in workers) worker.Dispose();
    }
}
