using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>What a connection costs that is there and does nothing.</summary>
static class IdleRun
{
    /// <summary>As many as it takes for everything that is made once to be made.</summary>
    const int First = 1000;

    static readonly TimeSpan Settle = TimeSpan.FromSeconds(12);

    public static async Task<IdleFigures> RunAsync(IChatServer server, int connections, CancellationToken stop)
    {
        await server.StartAsync(stop);
        using var load = new ConnectionLoad(server.Dialect, server.Port);
        load.Enter(First, static _ => null);
        load.Run(Settle);
        var before = server.Process.ResidentKilobytes();
        load.Enter(connections, static _ => null);
        load.Run(Settle);
        var after = server.Process.ResidentKilobytes();
        return new IdleFigures(connections, Math.Round((double)(after - before) / connections, 1));
    }
}
