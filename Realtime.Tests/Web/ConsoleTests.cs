using System.Net.ServerSentEvents;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Web.Live;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>That the console follows the feed through its every state.</summary>
public class ConsoleTests
{
    internal static AdminSnapshot Snapshot(string mode = "normal", params string[] people) => new(
        "signaling-0", DateTimeOffset.UtcNow, mode, mode == "normal" ? [] : ["redis"], 7,
        [new NodeInfo("media-0", "live", "b1", DateTimeOffset.UtcNow, 1, people.Length, 2, 100, 200, 12.5)],
        people.Length == 0 ? [] : [new RoomInfo("lounge", "media-0", 1, people.Length, 2)],
        [.. people.Select(static name => new AdminParticipant("lounge", $"p-{name}", $"u-{name}", name, "connected", DateTimeOffset.UtcNow, []))],
        []);

    [Fact]
    public async Task Nothing_is_known_yet_and_then_it_is()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        Assert.Contains("board-loading", await web.Http.GetStringAsync("/console"));
        signaling.Publish(Snapshot(people: ["Ann <b>", "Bob"]));
        await Eventually.TrueAsync(async () => (await web.Http.GetStringAsync("/console")).Contains("media-0"));
        var page = await web.Http.GetStringAsync("/console");
        Assert.Contains("Ann &lt;b&gt;", page);
        Assert.Contains("lounge", page);
    }

    [Fact]
    public async Task Signaling_away_from_the_start_is_explained()
    {
        await using var web = await WebHost.StartAsync(new Uri("http://127.0.0.1:9"));
        await Eventually.TrueAsync(async () => (await web.Http.GetStringAsync("/console")).Contains("board-unreachable"));
        Assert.Contains("Signaling cannot be reached.", await web.Http.GetStringAsync("/console/crashes"));
    }

    [Fact]
    public async Task The_live_stream_carries_every_state()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var stream = await web.Http.GetStreamAsync("/console/live/overview", limit.Token);
        await using var boards = SseParser.Create(stream).EnumerateAsync(limit.Token).Where(static item => item.EventType == "board").GetAsyncEnumerator(limit.Token);

        async Task<string> NextWithAsync(string text)
        {
            do
                Assert.True(await boards.MoveNextAsync(), $"the stream ended before {text}");
            while (!boards.Current.Data.Contains(text));
            return boards.Current.Data;
        }

        await NextWithAsync("board-loading");
        signaling.Publish(Snapshot());
        Assert.Contains("Nobody is in a call right now.", await NextWithAsync("media-0"));
        signaling.Publish(Snapshot(people: "Ann"));
        await NextWithAsync("Ann");
        signaling.Publish(Snapshot("degraded", "Ann"));
        Assert.Contains("redis", await NextWithAsync("data-testid=\"degraded\""));
        signaling.BreakFeed();
        Assert.Contains("Ann", await NextWithAsync("data-testid=\"stale\""));
    }

    [Fact]
    public async Task One_subscription_and_one_rendering_serve_every_viewer()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var renderings = web.Services.GetRequiredService<SharedRenderings>();
        var viewers = new List<Stream>();
        for (var i = 0; i < 5; i++)
            viewers.Add(await web.Http.GetStreamAsync("/console/live/overview"));
        signaling.Publish(Snapshot(people: "Ann"));
        await Eventually.TrueAsync(async () => (await web.Http.GetStringAsync("/console")).Contains("Ann"));
        Assert.Equal(1, renderings.Count);
        Assert.Equal(1, signaling.Followers);
        foreach (var viewer in viewers)
            await viewer.DisposeAsync();
        await Eventually.TrueAsync(() => renderings.Count == 0);
    }

    [Fact]
    public async Task There_is_no_other_view_than_those()
    {
        await using var web = await WebHost.StartAsync(null);
        using var response = await web.Http.GetAsync("/console/live/passwords");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
    }
}
