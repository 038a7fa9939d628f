using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Web.Live;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>200 rooms, 5,000 people: pages stay short, viewers share what is rendered, and there is an end to how many there are.</summary>
public class ConsoleScaleTests
{
    const int Rooms = 200;
    const int People = 5_000;

    /// <summary>What one page, and one update of it, may weigh.</summary>
    const int MaxPageBytes = 200 << 10;

    static AdminSnapshot Snapshot() => new(
        "signaling-0", DateTimeOffset.UtcNow, "normal", [], People,
        [.. Enumerable.Range(0, 8).Select(static i => new NodeInfo($"media-{i}", "live", "b", DateTimeOffset.UtcNow, Rooms / 8, People / 8, People / 4, 100_000, 200_000, 50))],
        [.. Enumerable.Range(0, Rooms).Select(static i => new RoomInfo($"room-{i:000}", $"media-{i % 8}", 1, People / Rooms, 50))],
        [.. Enumerable.Range(0, People).Select(static i => new AdminParticipant(
            $"room-{i % Rooms:000}", $"p-{i}", $"user-{i}", $"Somebody {i}", "connected", DateTimeOffset.UtcNow, [new TrackInfo($"t{i}", $"p-{i}", MediaKind.Audio, "opus", false)]))],
        [.. Enumerable.Range(0, 256).Select(static i => new CircuitInfo($"media-0/peer:room-001/user-{i}", i % 8 == 0 ? "open" : "closed", 5, 0, 5, 0, 1, 0, 0, new Dictionary<string, long>(), new Dictionary<string, long>()))],
        [], ["signaling-0"]);

    [Fact]
    public async Task Pages_stay_short_however_much_there_is()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        signaling.Answers["/api/rooms/room-001/participants"] = Enumerable.Range(0, 2_000).Select(static i => new RoomParticipantInfo($"p{i}", $"user-{i}", $"Somebody {i}", "connected", DateTimeOffset.UtcNow, [])).ToArray();
        await using var web = await WebHost.StartAsync(signaling.Address);
        signaling.Publish(Snapshot());
        await Eventually.TrueAsync(async () => (await web.Http.GetStringAsync("/console")).Contains("room-000"));

        var rooms = await PageAsync(web, "/console/rooms");
        Assert.Equal(50, Count(rooms, "data-testid=\"room\""));
        Assert.Contains("after=50", rooms);
        var seen = new HashSet<string>();
        for (var from = 0; from < Rooms; from += 50)
            seen.UnionWith(Names(await PageAsync(web, $"/console/rooms?after={from}")));
        Assert.Equal(Rooms, seen.Count);
        var found = await PageAsync(web, "/console/rooms?search=Somebody+4321");
        Assert.Equal(["room-121"], Names(found));

        var room = await PageAsync(web, "/console/rooms/room-001");
        Assert.Equal(50, Count(room, "data-testid=\"participant\""));
        Assert.Contains(">2000<", room);
        Assert.Equal(50, Count(await PageAsync(web, "/console/rooms/room-001?after=1950"), "data-testid=\"participant\""));
        foreach (var path in (string[])["/console", "/console/nodes", "/console/circuits", "/console/limits"])
            await PageAsync(web, path);
    }

    [Fact]
    public async Task A_hundred_viewers_share_one_rendering_and_the_next_is_told_to_come_back()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        signaling.Publish(Snapshot());
        await Eventually.TrueAsync(async () => (await web.Http.GetStringAsync("/console")).Contains("room-000"));
        var viewers = new List<Stream>();
        for (var i = 0; i < LiveEndpoint.MaxViewers; i++)
            viewers.Add(await web.Http.GetStreamAsync("/console/live/rooms"));
        using (var oneTooMany = await web.Http.GetAsync("/console/live/rooms", HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (oneTooMany.StatusCode, oneTooMany.Headers.RetryAfter is not null));
        Assert.Equal(1, web.Services.GetRequiredService<SharedRenderings>().Count);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var viewer in viewers)
        {
            await foreach (var item in SseParser.Create(viewer).EnumerateAsync(limit.Token))
            {
                Assert.InRange(Encoding.UTF8.GetByteCount(item.Data), 1, MaxPageBytes);
                break;
            }
            await viewer.DisposeAsync();
        }
        await Eventually.TrueAsync(() => web.Services.GetRequiredService<SharedRenderings>().Count == 0);
        using var again = await web.Http.GetAsync("/console/live/rooms", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    /// <summary>Not by the clock: each view waits at least a quarter of a second between two looks, for all its viewers.</summary>
    [Fact]
    public void No_view_changes_more_than_four_times_a_second() => Assert.All(LiveView.All.Values, static view => Assert.True(view.Every >= TimeSpan.FromMilliseconds(250), view.Name));

    static async Task<string> PageAsync(WebHost web, string path)
    {
        var page = await web.Http.GetStringAsync(path);
        Assert.InRange(Encoding.UTF8.GetByteCount(page), 1, MaxPageBytes);
        return page;
    }

    static int Count(string page, string what) => page.Split(what).Length - 1;

    static IEnumerable<string> Names(string page) => page.Split("<tr data-key=\"").Skip(1).Select(static part => part[..part.IndexOf('"')]);
}
