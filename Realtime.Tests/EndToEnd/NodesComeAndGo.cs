using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.Media.Transport;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>A media node is killed, drained, put to sleep, during a call of three Chromium pages and three of our own peers.</summary>
public sealed class NodesComeAndGo(RunningApp app) : EndToEndTest(app)
{
    const int Pages = 3;
    const int Peers = 3;
    const int Others = Pages + Peers - 1;

    readonly string _room = $"nodes-{Guid.NewGuid():N}";
    readonly List<CallPage> _pages = [];
    readonly List<FollowingPeer> _peers = [];

    [Fact]
    public Task KilledDuringACall_EveryoneHasMediaAgain() => InCallAsync(async node =>
    {
        var pid = App.Pid(node);
        var mark = MonotonicClock.Now;
        await App.KillAsync(node);
        TestContext.Current.TestOutputHelper?.WriteLine($"killed at {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() % 1000000}");
        await EveryoneHasMediaAgainAsync();
        await StepsAsync();
        foreach (var peer in _peers)
        {
            Timing.Claim("from the kill to being told that the room moved", peer.Moves[0].ToldAt - mark, TimeSpan.FromSeconds(1));
            Timing.Claim("from the kill to all media on the new node", peer.Current.FirstReceivedInAll - mark, TimeSpan.FromSeconds(3));
        }
        foreach (var page in _pages)
            Timing.Claim($"longest pause on a tile of {page.Name} over the kill", await page.LongestPauseAsync(), TimeSpan.FromSeconds(3));
        await App.RecoveredAsync(node, pid);
        Assert.Contains(App.CrashReports(), report => report.Node == node);
    });

    [Fact(Explicit = true)] // By name: pages' pictures pause longer than promised (500 ms), and it was green four times only.
    public Task Drained_TheCallMovesWithoutAFreeze() => InCallAsync(async node =>
    {
        var pid = App.Pid(node);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await App.TokenAsync("operator", new Grants(Admin: true)));
        using var drained = await http.PostAsync(new Uri(App.SignalingFront, $"/api/nodes/{node}/drain"), null);
        drained.EnsureSuccessStatusCode();
        try
        {
            await EveryoneHasMediaAgainAsync();
            await StepsAsync();
            foreach (var peer in _peers)
                Timing.Claim("longest time without media of a peer over the drain", peer.LongestPauseSince(peer.Moves[0].ToldAt), TimeSpan.FromMilliseconds(500));
            foreach (var page in _pages)
                Timing.Claim($"longest pause on a tile of {page.Name} over the drain", await page.LongestPauseAsync(), TimeSpan.FromMilliseconds(500));
            // Bounded: what the peers keep of the old copy ends too.
            await Eventually.TrueAsync(async () => (await NodesAsync(http)).Single(one => one.Node == node) is { State: "draining", Rooms: 0 }, Patience, "the drained node has no rooms");
        }
        finally
        {
            // Whatever was seen: the tests after this one want both nodes.
            await App.KillAsync(node);
            await App.RecoveredAsync(node, pid);
        }
    });

    [Fact(Explicit = true)] // By name and `-explicit on`: not yet seen green often enough for every run.
    public Task AsleepForTwentySeconds_ItForwardsNothingWhenItWakes() => InCallAsync(async node =>
    {
        var mark = MonotonicClock.Now;
        var frozen = App.Freeze(node);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            await EveryoneHasMediaAgainAsync();
            await StepsAsync();
            foreach (var peer in _peers)
                Timing.Claim("from the sleep to all media on another node", peer.Current.FirstReceivedInAll - mark, TimeSpan.FromSeconds(5));
            foreach (var page in _pages)
                Timing.Claim($"longest pause on a tile of {page.Name} over the sleep", await page.LongestPauseAsync(), TimeSpan.FromSeconds(5));
            using var awhile = new PeriodicTimer(TimeSpan.FromSeconds(20) - clock.Elapsed);
            await awhile.WaitForNextTickAsync();
        }
        finally
        {
            RunningApp.Thaw(frozen);
        }
        var before = _peers.Select(static peer => peer.Links[0].Received).ToList();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await App.TokenAsync("operator", new Grants(Admin: true)));
        await Eventually.TrueAsync(async () => (await NodesAsync(http)).Single(one => one.Node == node) is { State: "live", Rooms: 0 }, Patience, "the node is back and has given up its copy");
        Assert.Equal(before, _peers.Select(static peer => peer.Links[0].Received));
        var rooms = await http.GetFromJsonAsync<List<RoomInfo>>(new Uri(App.SignalingFront, "/api/rooms"), ContractsJson.Options);
        Assert.Equal((2L, Pages + Peers), Assert.Single(rooms!, room => room.Room == _room) is { } one ? (one.Epoch, one.Participants) : default);
        Assert.All(_peers, static peer => Assert.Single(peer.Moves));
        Assert.Contains(App.CrashReports(), report => report.Exception?.Type.Contains("NodeSlept", StringComparison.Ordinal) == true);
    });

    /// <param name="test">Given the node that has the room.</param>
    async Task InCallAsync(Func<string, Task> test)
    {
        await using var browser = await Browser.StartAsync();
        try
        {
            for (var i = 0; i < Pages; i++)
                _pages.Add(await browser.JoinAsync(App.Web, $"page{i}", _room));
            for (var i = 0; i < Peers; i++)
            {
                var user = $"peer{i}-{_room[6..14]}";
                _peers.Add(await FollowingPeer.JoinAsync(App.Signaling[i % 2], await App.TokenAsync(user), new IPAddress([127, 2, (byte)Random.Shared.Next(256), (byte)(i + 1)]), _room, Others));
            }
            foreach (var peer in _peers)
                await Eventually.TrueAsync(() => peer.Current.ReceivesAll, Patience, $"{peer.Participant} receives all");
            foreach (var page in _pages)
                await Eventually.TrueAsync(async () => await page.StatsAsync() is { } stats && Hears(stats) && Sees(stats, 1) >= Pages - 1, Patience, $"{page.Name} sees and hears");
            await Task.WhenAll(_pages.Select(static page => page.WatchAsync()));
            await test($"media-{App.NodeListeningOn(_peers[0].Current.NodePort)}");
        }
        catch (Exception)
        {
            await ExplainAsync();
            throw;
        }
        finally
        {
            foreach (var peer in _peers)
                await peer.DisposeAsync();
        }
    }

    async Task EveryoneHasMediaAgainAsync()
    {
        foreach (var peer in _peers)
            await Eventually.TrueAsync(() => peer.Moves.Count == 1 && peer.Links.Count == 2 && peer.Current.ReceivesAll, Patience, $"{peer.Participant} receives all on the new node");
        foreach (var page in _pages)
            await Eventually.TrueAsync(async () => !await page.KeptConnectionAsync() && await page.StatsAsync() is { } stats && Hears(stats) && Sees(stats, 30) >= Pages - 1, Patience, $"{page.Name} sees and hears on the new node");
        Assert.All(_peers, static peer => Assert.Equal(2, peer.Moves[0].Epoch));
    }

    // What our own peers send is no picture, so only pages are seen; their packets come all the same.
    static int Sees(CallStats stats, long frames) => stats.Video.Count(stream => stream.FramesDecoded >= frames);

    static bool Hears(CallStats stats) => stats.Audio.Count(static stream => stream.Packets > 0) == Others && stats.Video.Count(static stream => stream.Packets > 0) == Others;

    async Task<List<NodeInfo>> NodesAsync(HttpClient http) => (await http.GetFromJsonAsync<List<NodeInfo>>(new Uri(App.SignalingFront, "/api/nodes"), ContractsJson.Options))!;

    async Task StepsAsync()
    {
        foreach (var page in _pages)
            TestContext.Current.TestOutputHelper?.WriteLine($"{page.Name}: {await page.StepsAsync()}");
    }

    async Task ExplainAsync()
    {
        var output = TestContext.Current.TestOutputHelper;
        foreach (var page in _pages)
        {
            output?.WriteLine($"=== {page.Name}: {await page.DescribeAsync()}\n{page.Console}");
            foreach (var stream in (await page.StatsAsync())?.Inbound ?? [])
                output?.WriteLine($"  {stream.Mid} {stream.Kind}: {stream.Packets} packets, {stream.FramesDecoded} frames");
        }
        foreach (var peer in _peers)
            output?.WriteLine($"=== {peer.Participant}: moved {string.Join(", ", peer.Moves)}\n  {string.Join("\n  ", peer.Links.Select(static link => link.Describe()))}");
    }
}
