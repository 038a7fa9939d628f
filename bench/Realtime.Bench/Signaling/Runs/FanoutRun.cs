using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>One group, one sender, many members: what it costs to hand a message to everybody, and how long it takes.</summary>
static class FanoutRun
{
    const int TextLength = 100;

    /// <summary>Code is compiled for good.</summary>
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    public static async Task<FanoutFigures> RunAsync(IChatServer server, int members, int perSecond, TimeSpan duration, CancellationToken stop)
    {
        await server.StartAsync(stop);
        using var load = new ConnectionLoad(server.Dialect, server.Port);
        load.Enter(members, static _ => "room");
        var warming = load.Send(load.Connections[0], "room", perSecond, TextLength);
        load.Run(WarmUp);
        warming();
        load.Run(Drain);

        load.StartMeasuring();
        foreach (var connection in load.Connections) connection.Forget();
        var (cpu, busy) = (server.Process.Cpu(), load.Busy);
        var sending = load.Send(load.Connections[0], "room", perSecond, TextLength);
        load.Run(duration);
        var sent = sending();
        var generator = (load.Busy - busy) / duration;
        load.Run(Drain);
        var used = (server.Process.Cpu() - cpu).Nanoseconds / 1e9;
        load.StopMeasuring();
        return new FanoutFigures(
            load.Deliveries, ((long)sent * members) - load.Deliveries, Math.Round(load.Deliveries / used), load.Latency.Percentile(0.5), load.Latency.Percentile(0.99), Math.Round(generator, 2));
    }
}
