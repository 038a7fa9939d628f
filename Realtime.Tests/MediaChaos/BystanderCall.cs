using System.Globalization;
using System.Net;
using Realtime.Bench.Load;
using Realtime.Bench.Options;
using Realtime.Bench.Runs;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>What the bystanders saw.</summary>
sealed record BystanderFigures(long Forwarded, long Lost, long Corrupt, double? P99Milliseconds)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Forwarded} packets, {Lost} lost, {Corrupt} corrupt, p99 {P99Milliseconds} ms");
}

/// <summary>The call that must not notice anything: four cameras, everybody sees all of them.</summary>
sealed class BystanderCall : IAsyncDisposable
{
    public const int Room = 0;

    const int Cameras = 4;
    const int Kilobits = 400;

    static readonly TimeSpan s_drain = TimeSpan.FromMilliseconds(300);

    readonly LoadThread _load = new(SourceKind.Video, IPAddress.Loopback);
    readonly Population _population;
    readonly int _watchers;

    public BystanderCall(RunningApp app, string name, int people)
    {
        _watchers = people - Cameras;
        Rooms = new HubRooms(app, _load, name);
        _population = new Population(new Scenario(Cameras, _watchers, Kilobits, TimeSpan.Zero, []), Rooms, _load);
    }

    public HubRooms Rooms { get; }

    public async Task StartAsync(CancellationToken cancellation)
    {
        await _population.PublishAsync();
        await _population.SubscribeAsync(_watchers, cancellation);
    }

    /// <summary>Counts every packet sent while <paramref name="work"/> runs: the cameras pause before and after it, so what did not arrive is lost.</summary>
    public async Task<BystanderFigures> WatchAsync(Func<Task> work)
    {
        await _load.PauseSourcesAsync();
        await Task.Delay(s_drain);
        var sent = await _population.ResetAsync();
        await _load.StartSourcesAsync();
        await work();
        await _load.PauseSourcesAsync();
        await Task.Delay(s_drain);
        var (forwarded, lost, corrupt) = await _population.CountAsync(sent);
        return new BystanderFigures(forwarded, lost, corrupt, _load.Totals.Latency.Percentile(0.99));
    }

    public async ValueTask DisposeAsync()
    {
        await Rooms.DisposeAsync();
        _load.Dispose();
    }
}
