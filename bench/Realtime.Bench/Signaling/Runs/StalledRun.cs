using Realtime.Bench.Signaling.Load;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Runs;

/// <summary>
/// One of many members is a process that is stopped by SIGSTOP. A sender of its own fills what lies between the server and it, then everybody else's messages are watched: each
/// member's longest time without one.
/// </summary>
static class StalledRun
{
    const int PerSecond = 50;
    const int TextLength = 100;
    const int FloodPerSecond = 500;
    const int FloodLength = 1900;

    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Flood = TimeSpan.FromSeconds(8);

    public static async Task<StalledFigures> RunAsync(IChatServer server, string folder, int members, TimeSpan duration, CancellationToken stop)
    {
        await server.StartAsync(stop);
        using var load = new ConnectionLoad(server.Dialect, server.Port) { IsOrdered = true };
        // The one that will stand still is in a second group as well, where somebody talks only to it.
        await using var stopped = await StoppableMember.StartAsync(server, folder, members, ["room", "flood"], stop);
        var others = load.Enter(members - 1, static _ => "room");
        var flooder = load.Enter(1, static _ => null)[0];
        load.OnLost = (_, _) => { };
        var sending = load.Send(others[0], "room", PerSecond, TextLength);
        load.Run(WarmUp);
        stopped.Stop();
        var flooding = load.Send(flooder, "flood", FloodPerSecond, FloodLength);
        load.Run(Flood);
        flooding();

        load.StartMeasuring();
        load.Run(duration);
        sending();
        load.StopMeasuring();
        var gaps = others.Select(static member => member.LongestGap / 1e6).Order().ToList();
        return new StalledFigures(
            Math.Round(gaps[gaps.Count / 2], 1), Math.Round(gaps[(int)(gaps.Count * 0.99)], 1), Math.Round(gaps[^1], 1), others.Sum(static member => member.Skipped), load.Latency.Percentile(0.99));
    }
}
