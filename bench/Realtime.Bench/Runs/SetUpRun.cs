using System.Diagnostics;
using Realtime.Bench.Load;
using Realtime.Bench.Options;
using Realtime.Bench.Report;
using Realtime.Bench.Servers;

namespace Realtime.Bench.Runs;

/// <summary>
/// How fast connections come about on a server with a call running: first one at a time, then <see cref="Rate"/> a second for as long as
/// is measured. Each newcomer subscribes to the running call and leaves again after a second.
/// </summary>
static class SetUpRun
{
    const int Rate = 200;
    const int OneByOne = 60;

    /// <summary>Until code is compiled for good.</summary>
    const int Uncounted = 40;

    static readonly TimeSpan Stay = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<SetUpFigures> RunAsync(Scenario scenario, ISfu server, LoadThread load, CancellationToken stop)
    {
        await server.StartAsync(stop);
        var population = new Population(scenario, server, load);
        await population.PublishAsync();
        await population.SubscribeAsync(scenario.Subscribers * scenario.Rooms, stop);

        var single = new List<double>();
        for (var i = 0; i < Uncounted + OneByOne; i++)
        {
            var client = load.Create();
            var took = await JoinAsync(scenario, server, load, client);
            if (i >= Uncounted) single.Add(took);
            await LeaveAsync(server, load, client);
        }

        await load.PauseSourcesAsync();
        await Task.Delay(200, stop);
        var sent = await population.ResetAsync();
        var cpuBefore = server.Process.Cpu();
        await load.StartSourcesAsync();
        var (times, failed, elapsed) = await StormAsync(scenario, server, load, stop);
        await load.PauseSourcesAsync();
        await Task.Delay(200, stop);
        var cpu = server.Process.Cpu() - cpuBefore;
        var (forwarded, lost, _) = await population.CountAsync(sent);
        return new SetUpFigures(
            times.Count, failed, Percentile(single, 0.5), Percentile(single, 0.99),
            Math.Round(times.Count / elapsed.TotalSeconds, 1), Percentile(times, 0.5), Percentile(times, 0.99),
            forwarded, lost, times.Count > 0 ? cpu.Nanoseconds / 1000 / times.Count : 0);
    }

    static async Task<(List<double> Times, int Failed, TimeSpan Elapsed)> StormAsync(Scenario scenario, ISfu server, LoadThread load, CancellationToken stop)
    {
        var times = new List<double>();
        var failed = 0;
        var joins = new List<Task>();
        var clock = Stopwatch.StartNew();
        var last = TimeSpan.Zero;
        var total = (int)(scenario.Duration.TotalSeconds * Rate);
        for (var i = 0; i < total; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / Rate);
            if (due > clock.Elapsed) await Task.Delay(due - clock.Elapsed, stop);
            joins.Add(VisitAsync(load.Create()));
        }

        await Task.WhenAll(joins);
        return (times, failed, last);

        async Task VisitAsync(LoadClient client)
        {
            await Task.Yield();
            try
            {
                var took = await JoinAsync(scenario, server, load, client);
                lock (times)
                {
                    times.Add(took);
                    last = clock.Elapsed;
                }

                await Task.Delay(Stay, stop);
                await LeaveAsync(server, load, client);
            }
            catch (Exception exception) when (exception is TimeoutException or IOException or InvalidOperationException or HttpRequestException)
            {
                lock (times) failed++;
            }
        }
    }

    /// <summary>Milliseconds from the request to the end of the handshake.</summary>
    static async Task<double> JoinAsync(Scenario scenario, ISfu server, LoadThread load, LoadClient client)
    {
        var begun = Stopwatch.GetTimestamp();
        await server.SubscribeAsync(0, client, scenario.Kind, scenario.Publishers);
        await client.Connected.WaitAsync(Patience);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    static async Task LeaveAsync(ISfu server, LoadThread load, LoadClient client)
    {
        await server.LeaveAsync(0, client);
        await load.RemoveAsync(client);
    }

    static double? Percentile(List<double> values, double fraction)
    {
        if (values.Count == 0) return null;
        values.Sort();
        return Math.Round(values[Math.Min(values.Count - 1, (int)(values.Count * fraction))], 2);
    }
}
