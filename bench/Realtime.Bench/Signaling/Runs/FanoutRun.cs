using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>One group, some of whose members write: what it costs to hand a message to everybody, and how long it takes.</summary>
static class FanoutRun
{
    const int TextLength = 100;

    /// <summary>Members who write; the messages of a second are theirs together.</summary>
    const int Writers = 20;

    /// <summary>Code is compiled for good.</summary>
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    public static async Task<FanoutFigures> RunAsync(IChatServer server, int members, int perSecond, TimeSpan duration, CancellationToken stop)
    {
        await server.StartAsync(stop);
        using var load = new ConnectionLoad(server.Dialect, server.Port);
        load.Enter(members, static _ => "room");
        var warming = Write();
        load.Run(WarmUp);
        foreach (var end in warming) end();
        load.Run(Drain);

        load.StartMeasuring();
        var (cpu, busy) = (server.Process.Cpu(), load.Busy);
        var sending = Write();
        load.Run(duration);
        var sent = sending.Sum(static end => end());
        var generator = (load.Busy - busy) / duration;
        load.Run(Drain);
        var used = (server.Process.Cpu() - cpu).Nanoseconds / 1e9;
        load.StopMeasuring();
        return new FanoutFigures(
            load.Deliveries, (sent * (long)members) - load.Deliveries, Math.Round(load.Deliveries / used), load.Latency.Percentile(0.5), load.Latency.Percentile(0.99), Math.Round(generator, 2));

        List<Func<int>> Write() => [.. Enumerable.Range(0, Math.Min(Writers, members)).Select(writer =>
            load.Send(load.Connections[writer], "room", (double)perSecond / Math.Min(Writers, members), TextLength, TimeSpan.FromSeconds((double)writer / perSecond)))];
    }
}
