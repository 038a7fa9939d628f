using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>What a connection costs that is there and does nothing.</summary>
static class IdleRun
{
    /// <summary>As many as it takes for everything that is made once to be made.</summary>
    const int First = 1000;

    static readonly TimeSpan Settle = TimeSpan.FromSeconds(4);

    public static async Task<IdleFigures> RunAsync(IChatServer server, int connections, CancellationToken stop)
    {
        await server.StartAsync(stop);
        using var load = new ConnectionLoad(server.Dialect, server.Port);
        load.Enter(First, static _ => null);
        await SettleAsync();
        var before = server.Process.ResidentKilobytes();
        load.Enter(connections, static _ => null);
        await SettleAsync();
        var after = server.Process.ResidentKilobytes();
        return new IdleFigures(connections, Math.Round((double)(after - before) / connections, 1));

        // Twice: what the first one's finalizers let go is taken by the second.
        async Task SettleAsync()
        {
            load.Run(Settle);
            for (var i = 0; i < 2 && server.IsDotNet; i++) await DiagnosticsPort.CollectAsync(server.Process.Id, stop);
            load.Run(Settle);
        }
    }
}
