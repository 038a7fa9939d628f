using System.Text.Json.Nodes;
using Realtime.Bench.Runs;
using Realtime.Bench.Signaling.Runs;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling;

/// <summary>Runs scenarios: each server alone on the machine, one after the other, under the same load.</summary>
sealed class SignalingBench(SignalingOptions options, Action<string> say) : IDisposable
{
    const int FanoutMembers = 200, StalledMembers = 2000;

    readonly string folder = Directory.CreateTempSubdirectory("realtime-bench-").FullName;

    public async Task<JsonObject> RunAsync(string scenario, CancellationToken stop)
    {
        var average = MediaBench.LoadAverage();
        if (average > 1) say($"The load average is {average}: other processes disturb what is measured.");
        switch (scenario)
        {
            case SignalingOptions.Fanout:
                var members = options.Members > 0 ? options.Members : FanoutMembers;
                return await CompareAsync($"fanout 1 → {members}, {options.PerSecond}/s", false,
                    server => FanoutRun.RunAsync(server, members, options.PerSecond, options.Duration, stop), "deliveriesPerCpuSecond", static figures => figures.DeliveriesPerCpuSecond);
            case SignalingOptions.Stalled:
                var crowd = options.Members > 0 ? options.Members : StalledMembers;
                return await CompareAsync($"one of {crowd} is stopped", false,
                    server => StalledRun.RunAsync(server, folder, crowd, options.Duration, stop), "longestGapP99Ms", static figures => figures.LongestGapP99Ms);
            case SignalingOptions.Idling:
                return await CompareAsync($"{options.Idle} idle connections", true,
                    server => IdleRun.RunAsync(server, options.Idle, stop), "kilobytesPerConnection", static figures => figures.KilobytesPerConnection);
            default:
                say("storm: realtime …");
                var storm = await StormRun.RunAsync(folder, options.Storm, say, stop);
                return SignalingReport.Line($"{options.Storm} connections of a killed replica", storm, new Dictionary<string, StormFigures>(), "within10s", static figures => figures.Within10s);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<JsonObject> CompareAsync<T>(string scenario, bool memory, Func<IChatServer, Task<T>> run, string ratioOf, Func<T, double> of)
        where T : notnull
    {
        var ours = await OnAsync("realtime");
        var peers = new Dictionary<string, T>();
        foreach (var name in options.Compare) peers.Add(name, await OnAsync(name));
        return SignalingReport.Line(scenario, ours, peers, ratioOf, of);

        async Task<T> OnAsync(string name)
        {
            say($"{scenario}: {name} …");
            await using IChatServer server = name switch
            {
                "signalr" => new StockSignalR(folder, memory),
                "socketio" => new SocketIoServer(folder),
                _ => new RealtimeReplica(folder, memory),
            };
            return await run(server);
        }
    }
}
