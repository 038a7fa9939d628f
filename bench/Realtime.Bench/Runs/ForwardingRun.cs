using Realtime.Bench.Load;
using Realtime.Bench.Options;
using Realtime.Bench.Report;
using Realtime.Bench.Servers;

namespace Realtime.Bench.Runs;

/// <summary>
/// What forwarding costs. Publishers pause before and after what is measured, so that every packet sent in it has arrived or is lost. The
/// first few subscribers warm the server up; its memory is taken before and after the others.
/// </summary>
static class ForwardingRun
{
    /// <summary>As many as it takes for .NET to compile what joining calls for good: its compiler's memory is nobody's.</summary>
    const int WarmUpSubscribers = 40;

    /// <summary>Code is compiled for good, and reports and checks have their rhythm.</summary>
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(200);

    public static async Task<ForwardingFigures> RunAsync(Scenario scenario, ISfu server, LoadThread load, Action<string> say, CancellationToken stop)
    {
        await server.StartAsync(stop);
        var population = new Population(scenario, server, load);
        await population.PublishAsync();
        var total = scenario.Subscribers * scenario.Rooms;
        var first = Math.Min((total + 1) / 2, Math.Max(WarmUpSubscribers, scenario.Rooms));
        await population.SubscribeAsync(first, stop);
        await Task.Delay(WarmUp, stop);
        var residentBefore = server.Process.ResidentKilobytes();
        if (total > first) await population.SubscribeAsync(total - first, stop);

        load.IsMeasuring = true;
        await Task.Delay(TimeSpan.FromSeconds(1), stop);
        await load.PauseSourcesAsync();
        await Task.Delay(Drain, stop);
        var sent = await population.ResetAsync();
        var allocatedBefore = await server.AllocatedBytesAsync();
        var (cpuBefore, busyBefore) = (server.Process.Cpu(), load.Busy);
        await load.StartSourcesAsync();
        await Task.Delay(scenario.Duration, stop);
        await load.PauseSourcesAsync();
        await Task.Delay(Drain, stop);
        var cpu = server.Process.Cpu() - cpuBefore;
        var busy = (load.Busy - busyBefore) / scenario.Duration;
        var allocated = await server.AllocatedBytesAsync() - allocatedBefore;
        var resident = server.Process.ResidentKilobytes() - residentBefore;
        load.IsMeasuring = false;

        var (forwarded, lost, corrupt) = await population.CountAsync(sent);
        if (busy > 0.85) say($"The load generator was {busy:P0} busy: it may have been the bottleneck.");
        var latency = load.Totals.Latency;
        return new ForwardingFigures(
            forwarded, lost, corrupt,
            allocated is { } bytes && forwarded > 0 ? Math.Round((double)bytes / forwarded, 3) : null,
            cpu.Ticks, forwarded > 0 ? cpu.Nanoseconds / forwarded : 0,
            latency.Percentile(0.5), latency.Percentile(0.99),
            total > first ? Math.Round((double)resident / (total - first), 1) : null);
    }
}
