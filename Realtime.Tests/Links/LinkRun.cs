using System.Diagnostics;
using System.Globalization;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Links;

/// <summary>What one phase was like for the one behind the link.</summary>
/// <param name="FramesPerSecond">From five seconds after the change on.</param>
/// <param name="LongestFreeze">From the change on.</param>
/// <param name="SilentSeconds">In which hardly any sound came through.</param>
/// <param name="Estimate">The node's, in kbit/s, on average from five seconds after the change on.</param>
sealed record PhaseOutcome(string Phase, double FramesPerSecond, TimeSpan LongestFreeze, int SilentSeconds, double Estimate, int Width, int Height, IReadOnlyList<BandwidthReport> Course)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Phase}: {FramesPerSecond:F1} frames/s at {Width}×{Height}, longest freeze {LongestFreeze.TotalMilliseconds:F0} ms, {SilentSeconds} silent seconds, estimate {Estimate:F0} kbit/s");

    /// <summary>Second by second, from the change on: estimate / arrives / wanted, all in kbit/s.</summary>
    public string Seconds => string.Join("  ", Course.Select(report => $"{report.Estimate / 1000}/{report.Acknowledged / 1000}/{report.Wanted / 1000}"));
}

/// <summary>Two pages in a call, one of them behind a bad link: Chromium's own numbers say how it went.</summary>
sealed class LinkRun(LinkedApp app, Browser browser)
{
    const double LeastFramesPerSecond = 20;
    const double LeastOfLink = 0.70, MostOfLink = 1.05;

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);
    static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_longestFreeze = TimeSpan.FromSeconds(1);

    /// <param name="seconds">How long each phase is measured, after its first five seconds.</param>
    public async Task<(IReadOnlyList<PhaseOutcome> Phases, IReadOnlyList<string> Violations)> RunAsync(LinkScenario scenario, int seconds, CancellationToken cancellation)
    {
        var room = $"links-{scenario.Name}-{Guid.NewGuid().ToString("N")[..6]}";
        await using var ann = await browser.JoinAsync(app.Web, "ann", room);
        await Eventually.TrueAsync(async () => await ann.StatsAsync() is { DtlsState: "connected" }, s_patience, "ann is connected");
        var others = app.Clients.ToHashSet();
        await using var ben = await browser.JoinAsync(app.Web, "ben", room);
        await Eventually.TrueAsync(async () => await PictureAsync(ben) is { FramesDecoded: > 30, Height: >= 360 }, s_patience, "ben sees ann in full");
        var link = app.Clients.Where(client => !others.Contains(client)).ToList();

        List<PhaseOutcome> outcomes = [];
        List<string> violations = [];
        foreach (var phase in scenario.Phases)
        {
            await ben.WatchAsync();
            foreach (var client in link) client.Set(phase.Link);
            var outcome = await MeasureAsync(phase, room, ben, seconds, cancellation);
            outcomes.Add(outcome);
            Judge(phase, outcome, violations);
        }

        return (outcomes, violations);
    }

    async Task<PhaseOutcome> MeasureAsync(LinkPhase phase, string room, CallPage ben, int seconds, CancellationToken cancellation)
    {
        var sound = await SoundAsync(ben);
        var (silent, course) = (0, new List<BandwidthReport>());
        InboundStream? first = null;
        var clock = new Stopwatch();
        for (var second = 0; second < seconds + (int)s_settling.TotalSeconds; second++)
        {
            if (second == (int)s_settling.TotalSeconds)
            {
                first = await PictureAsync(ben);
                clock.Start();
            }

            await Task.Delay(s_second, cancellation);
            var now = await SoundAsync(ben);
            // What is made up in place of lost sound does not count.
            if (now.Samples - now.Concealed - (sound.Samples - sound.Concealed) < 48_000 / 4) silent++;
            sound = now;
            if (await BandwidthAsync(room) is { } bandwidth) course.Add(bandwidth);
        }

        var last = await PictureAsync(ben);
        return new PhaseOutcome(
            phase.Name, ((last?.FramesDecoded ?? 0) - (first?.FramesDecoded ?? 0)) / clock.Elapsed.TotalSeconds, await ben.LongestPauseAsync(), silent,
            course.Skip((int)s_settling.TotalSeconds).Select(report => report.Estimate / 1000.0).DefaultIfEmpty(0).Average(), last?.Width ?? 0, last?.Height ?? 0, course);
    }

    static void Judge(LinkPhase phase, PhaseOutcome outcome, List<string> violations)
    {
        if (outcome.FramesPerSecond < LeastFramesPerSecond) violations.Add($"{outcome}: fewer than {LeastFramesPerSecond} frames per second");
        if (outcome.LongestFreeze > s_longestFreeze) violations.Add($"{outcome}: the picture froze");
        if (outcome.SilentSeconds > 0) violations.Add($"{outcome}: the sound stopped");
        if (phase.Link.Rate is not { } rate) return;
        var part = outcome.Estimate * 1000 / rate.BitsPerSecond;
        if (part is < LeastOfLink or > MostOfLink) violations.Add(string.Create(CultureInfo.InvariantCulture, $"{outcome}: the estimate is {part:P0} of the link"));
    }

    static async Task<InboundStream?> PictureAsync(CallPage page) => (await page.StatsAsync())?.Video.OrderByDescending(stream => stream.FramesDecoded).FirstOrDefault();

    static async Task<(long Samples, long Concealed)> SoundAsync(CallPage page)
    {
        var audio = (await page.StatsAsync())?.Audio.OrderByDescending(stream => stream.Packets).FirstOrDefault();
        return (audio?.Samples ?? 0, audio?.Concealed ?? 0);
    }

    /// <summary>Of ben's way down, by the node that has the room.</summary>
    async Task<BandwidthReport?> BandwidthAsync(string room)
    {
        for (var node = 0; node < app.MediaPorts.Count; node++)
        {
            var found = (await app.SnapshotAsync(node)).Rooms.FirstOrDefault(each => each.Room == room)?.Peers.FirstOrDefault(peer => peer.Participant.Name == "ben");
            if (found?.Bandwidth is { } bandwidth) return bandwidth;
        }

        return null;
    }
}
