using System.Net;
using Realtime.Media.Ice;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>Gives the node's TCP port its thread. An idle one turns twice a second.</summary>
public sealed class IceTcpService(Supervisor supervisor, IPEndPoint bind, TcpLimits limits, Func<UfragKey, TcpHandover, bool> handOver)
    : SupervisedService(supervisor, "media-tcp")
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    readonly IceTcpListener listener = new(bind, limits, handOver);
    bool ending;

    public int Port => listener.LocalPort;

    public IceTcpListenerCounters Counters => listener.Counters;

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromSeconds(10);

    public override void Dispose()
    {
        base.Dispose();
        listener.Dispose();
    }

    protected override Task RunLoopAsync(CancellationToken stopping) => DedicatedThread.RunAsync(Name, Loop, () => Volatile.Write(ref ending, true), stopping);

    void Loop()
    {
        while (!Volatile.Read(ref ending))
        {
            Heartbeat();
            listener.Turn(Patience);
        }
    }
}
