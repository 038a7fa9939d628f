using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Realtime.Bench.Load;
using Realtime.Bench.Options;
using Realtime.Bench.Report;
using Realtime.Bench.Servers;

namespace Realtime.Bench.Runs;

/// <summary>Runs scenarios: each server alone on the machine, one after the other, so that their figures can be compared.</summary>
sealed class MediaBench(Action<string> say) : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("realtime-bench-").FullName;

    public async Task<JsonObject> RunAsync(Scenario scenario, CancellationToken stop)
    {
        var average = LoadAverage();
        if (average > 1) say($"The load average is {average}: other processes disturb what is measured.");
        return scenario.IsSetUp
            ? await RunAsync<SetUpFigures>(scenario, (server, load) => SetUpRun.RunAsync(scenario, server, load, stop), figures => figures.CpuUsPerJoin)
            : await RunAsync<ForwardingFigures>(scenario, (server, load) => ForwardingRun.RunAsync(scenario, server, load, say, stop), figures => figures.CpuNsPerPacket);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Of the last minute.</summary>
    public static double LoadAverage() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    async Task<JsonObject> RunAsync<T>(Scenario scenario, Func<ISfu, LoadThread, Task<T>> run, Func<T, double> cost)
        where T : notnull
    {
        var ours = await OnAsync("realtime", scenario, run);
        var peers = new Dictionary<string, T>();
        foreach (var name in scenario.Compare) peers.Add(name, await OnAsync(name, scenario, run));
        return ReportLine.Of(scenario, ours, peers, cost);
    }

    async Task<T> OnAsync<T>(string name, Scenario scenario, Func<ISfu, LoadThread, Task<T>> run)
    {
        say($"{scenario.Name}: {name} …");
        using var load = new LoadThread(scenario.Kind, name == "janus" ? JanusServer.Address : IPAddress.Loopback);
        await using ISfu server = name switch
        {
            "janus" => new JanusServer(load, folder, say),
            "pion" => new PionServer(load, folder, say),
            _ => new RealtimeNode(load, folder),
        };
        return await run(server, load);
    }
}
