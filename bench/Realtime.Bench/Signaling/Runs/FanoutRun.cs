using System.Diagnostics;
using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>One group, some of whose members write: what it costs to hand a message to everybody, and how long it takes.</summary>
static class FanoutRun
{
    const int TextLength = 100;

    /// <summary>Members who write; the messages of a second are theirs together.</summary>
    const int Writers = 20;

    /// <summary>Warm is a server whose CPU for each delivery no longer falls and whose compiler has nothing to do: its code is compiled for good. On a busy machine that takes a while.</summary>
    static readonly TimeSpan WarmUpStep = TimeSpan.FromSeconds(3), LongestWarmUp = TimeSpan.FromSeconds(60);

    const double NoLongerFalls = 0.95;

    /// <summary>The thread of .NET that compiles anew what is called often.</summary>
    const string Compiler = ".NET Tiered";

    /// <summary>Of a core.</summary>
    const double CompilerAtRest = 0.02;

    const int StepsThatDoNot = 2;

    static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    public static async Task<FanoutFigures> RunAsync(IChatServer server, int members, int perSecond, TimeSpan duration, CancellationToken stop)
    {
        await server.StartAsync(stop);
        using var load = new ConnectionLoad(server.Dialect, server.Port);
        load.Enter(members, static _ => "room");
        var warming = Write();
        WarmUp(load, server);
        foreach (var end in warming) end();
        load.Run(Drain);

        load.StartMeasuring();
        var (cpu, busy) = (server.Process.Cpu(), load.Busy);
        var sending = Write();
        load.Run(duration);
        var sent = sending.Sum(static end => end());
        var generator = (load.Busy - busy) / duration;
        load.Run(Drain);
        var used = (server.Process.Cpu() - cpu).Seconds;
        load.StopMeasuring();
        return new FanoutFigures(
            load.Deliveries, (sent * (long)members) - load.Deliveries, Math.Round(load.Deliveries / used), load.Latency.Percentile(0.5), load.Latency.Percentile(0.99), Math.Round(generator, 2));

        static void WarmUp(ConnectionLoad load, IChatServer server)
        {
            var (least, steady) = (double.MaxValue, 0);
            var clock = Stopwatch.StartNew();
            while (steady < StepsThatDoNot && clock.Elapsed < LongestWarmUp)
            {
                var (before, compiler) = (server.Process.Cpu(), server.Process.CpuOfThreads(Compiler));
                load.StartMeasuring();
                load.Run(WarmUpStep);
                load.StopMeasuring();
                var cost = (server.Process.Cpu() - before).Seconds / Math.Max(1, load.Deliveries);
                var compiling = (server.Process.CpuOfThreads(Compiler) - compiler) / WarmUpStep;
                steady = cost < least * NoLongerFalls || compiling > CompilerAtRest ? 0 : steady + 1;
                least = Math.Min(least, cost);
            }
        }

        List<Func<int>> Write() => [.. Enumerable.Range(0, Math.Min(Writers, members)).Select(writer =>
            load.Send(load.Connections[writer], "room", (double)perSecond / Math.Min(Writers, members), TextLength, TimeSpan.FromSeconds((double)writer / perSecond)))];
    }
}
