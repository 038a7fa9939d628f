using System.Diagnostics;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>People at the join page, through the SFU and both replicas.</summary>
public sealed class BrowserCall(RunningApp app) : EndToEndTest(app)
{
    // At the 20–30 frames per second of Chromium's fake camera, twelve rounds are a minute.
    const int Rounds = 12;
    const int FramesPerRound = 100;

    [Fact]
    public async Task ThreeSeeAndHearEachOther_OneJoinsLate_OneLeaves()
    {
        await using var browser = await Browser.StartAsync();
        var room = $"call-{Guid.NewGuid():N}";
        List<CallPage> pages = [];
        var before = await Task.WhenAll(App.Signaling.Select(App.ConnectionsAsync));
        foreach (var name in new[] { "ann", "ben", "cid" })
            pages.Add(await browser.JoinAsync(App.Web, name, room));
        try
        {
            await EveryoneDecodesEveryoneAsync(pages);
            // In tiles that have room for it, what the camera sends; a machine that is short of time may make it smaller again.
            foreach (var page in pages)
            {
                HashSet<string> full = [];
                await Eventually.TrueAsync(async () =>
                {
                    full.UnionWith((await page.StatsAsync())!.Video.Where(static stream => stream is { Width: 640, Height: 360 }).Select(static stream => stream.Mid));
                    return full.Count >= 2;
                }, Patience, $"{page.Name} sees two full pictures");
            }
            var after = await Task.WhenAll(App.Signaling.Select(App.ConnectionsAsync));
            Assert.True(after.Zip(before).All(pair => pair.First > pair.Second), "the three are spread over the replicas");
            for (var round = 0; round < Rounds; round++)
                await Task.WhenAll(pages.Select(GoesOnAsync));

            pages.Add(await browser.OpenLobbyAsync(App.Web, "dan", room));
            await pages[^1].ClickJoinAsync();
            await EveryoneDecodesEveryoneAsync(pages);
            Timing.Claim("from the late fourth's join to its first picture", await pages[^1].FirstPictureAfterAsync(), TimeSpan.FromSeconds(1));

            var clock = Stopwatch.StartNew();
            await pages[0].DisposeAsync();
            pages.RemoveAt(0);
            foreach (var page in pages)
                await Eventually.TrueAsync(async () => (await page.OthersAsync()).SequenceEqual(pages.Where(other => other != page).Select(other => other.Name).Order()), Patience, $"{page.Name} sees ann leave");
            Timing.Claim("from a closed tab to its tile's end for all others", clock.Elapsed, TimeSpan.FromSeconds(2));
        }
        catch (Exception) when (Explain(pages))
        {
            throw;
        }
    }

    [Fact]
    public async Task WithoutUdp_TheCallGoesOverTcp()
    {
        await using var browser = await Browser.StartAsync();
        var room = $"tcp-{Guid.NewGuid():N}";
        var pages = await Task.WhenAll(browser.JoinAsync(App.Web, "ann", room), browser.JoinAsync(App.Web, "ben", room, udp: false));
        try
        {
            await EveryoneDecodesEveryoneAsync(pages);
            Assert.Equal("udp", (await pages[0].StatsAsync())!.Protocol);
            Assert.Equal("tcp", (await pages[1].StatsAsync())!.Protocol);
            await Task.WhenAll(pages.Select(GoesOnAsync));
        }
        catch (Exception) when (Explain(pages))
        {
            throw;
        }
    }

    [Fact]
    public async Task ChatReachesAllInOneOrder_AndSurvivesAReload()
    {
        await using var browser = await Browser.StartAsync();
        var room = $"chat-{Guid.NewGuid():N}";
        var pages = await Task.WhenAll(new[] { "ann", "ben" }.Select(name => browser.JoinAsync(App.Web, name, room)));
        try
        {
            for (var i = 0; i < 5; i++)
                await Task.WhenAll(pages.Select(page => page.SayAsync($"{page.Name} says {i}")));
            foreach (var page in pages)
                await Eventually.TrueAsync(async () => (await page.ChatAsync()).Count == 10, Patience, $"{page.Name} sees all ten");
            var chat = await pages[0].ChatAsync();
            Assert.Equal(chat, await pages[1].ChatAsync());
            await pages[1].ReloadAsync();
            await Eventually.TrueAsync(async () => (await pages[1].ChatAsync()).SequenceEqual(chat), Patience, "the chat is there after a reload");
        }
        catch (Exception) when (Explain(pages))
        {
            throw;
        }
    }

    [Fact]
    public async Task BothReplicasDieInTurn_TheCallGoesOn()
    {
        await using var browser = await Browser.StartAsync();
        var room = $"kill-{Guid.NewGuid():N}";
        var pages = await Task.WhenAll(new[] { "ann", "ben", "cid" }.Select(name => browser.JoinAsync(App.Web, name, room)));
        try
        {
            await EveryoneDecodesEveryoneAsync(pages);
            await Task.WhenAll(pages.Select(page => page.WatchAsync()));
            foreach (var replica in new[] { "signaling-0", "signaling-1" })
            {
                var pid = App.Pid(replica);
                await App.KillAsync(replica);
                await Task.WhenAll(pages.Select(GoesOnAsync));
                await App.RecoveredAsync(replica, pid);
                foreach (var page in pages)
                    await Eventually.TrueAsync(async () => await page.SignalingStateAsync() == "connected", Patience, $"{page.Name} is back");
            }
            // Longer than the lease: nobody was taken for gone.
            await Task.WhenAll(pages.Select(GoesOnAsync));
            foreach (var page in pages)
            {
                Assert.True(await page.KeptConnectionAsync(), $"{page.Name} kept its peer connection");
                Assert.Equal(2, (await page.OthersAsync()).Count);
                // Packets pause for less (KilledProcesses measures them): here three encoders share the cores with a .NET process that starts.
                Timing.Claim($"longest pause between two drawn frames at {page.Name}", await page.LongestPauseAsync(), TimeSpan.FromSeconds(1));
            }
        }
        catch (Exception) when (Explain(pages))
        {
            throw;
        }
    }

    [Fact]
    public async Task AnExceptionInOnePeersReceivePath_EndsThatPeerAlone_AndIsExplained()
    {
        await using var browser = await Browser.StartAsync();
        var room = $"fault-{Guid.NewGuid():N}";
        var pages = await Task.WhenAll(new[] { "ann", "ben", "cid" }.Select(name => browser.JoinAsync(App.Web, name, room)));
        try
        {
            await EveryoneDecodesEveryoneAsync(pages);
            await Task.WhenAll(pages.Select(page => page.WatchAsync()));
            // The room is on one of the two nodes; on the other the rule meets nothing.
            foreach (var node in new[] { 0, 1 })
                await App.InjectIntoMediaAsync(node, new FaultRule("media.peer.receive", FaultKind.Throw, Room: room, Count: 1));

            CrashReport? report = null;
            await Eventually.TrueAsync(() => (report = App.CrashReports().FirstOrDefault(candidate => candidate.Room == room)) is not null, Patience);
            Assert.Contains(nameof(InjectedFaultException), report!.Exception!.Type);
            Assert.NotEmpty(report.Actions);

            await Eventually.TrueAsync(async () => (await Task.WhenAll(pages.Select(page => page.KeptConnectionAsync()))).Count(kept => kept) == 2, Patience, "one peer ended");
            // The other two see each other as if nothing had happened.
            var kept = new List<CallPage>();
            foreach (var page in pages)
            {
                if (await page.KeptConnectionAsync())
                    kept.Add(page);
            }
            await Task.WhenAll(kept.Select(OneGoesOnAsync));
            // And the third comes back by itself.
            await EveryoneDecodesEveryoneAsync(pages);
            Assert.All(await Task.WhenAll(kept.Select(page => page.KeptConnectionAsync())), Assert.True);
        }
        catch (Exception) when (Explain(pages))
        {
            throw;
        }
        finally
        {
            foreach (var node in new[] { 0, 1 })
                await App.ClearMediaFaultsAsync(node);
        }
    }

    /// <summary>All n−1 others' pictures move and their sound is heard, over the preferred cipher.</summary>
    static async Task EveryoneDecodesEveryoneAsync(IReadOnlyList<CallPage> pages)
    {
        var others = pages.Count - 1;
        foreach (var page in pages)
        {
            await Eventually.TrueAsync(async () => await page.StatsAsync() is { } stats
                && stats.Video.Count(stream => stream.FramesDecoded > 0) >= others
                && stats.Audio.Count(stream => stream.AudioEnergy > 0) >= others, Patience, $"{page.Name} decodes {others} others");
            await Eventually.TrueAsync(async () => (await page.PicturesAsync()).Count(pixels => pixels > 0) == others, Patience, $"{page.Name} shows {others} pictures");
            var stats = (await page.StatsAsync())!;
            Assert.Equal("connected", stats.DtlsState);
            // Chromium prefixes the name that RFC 7714 gives it.
            Assert.EndsWith("AEAD_AES_128_GCM", stats.SrtpCipher);
            Assert.All(stats.Video.Where(stream => stream.FramesDecoded > 0), stream => Assert.True(stream is { Width: >= 160, Height: >= 90 }, $"{stream}"));
        }
    }

    /// <summary>Every picture moves on by a round's frames, and every sound goes on.</summary>
    static async Task GoesOnAsync(CallPage page)
    {
        var before = (await page.StatsAsync())!.Inbound.Where(stream => stream.Packets > 0).ToList();
        IReadOnlyList<InboundStream> now = [];
        try
        {
            await Eventually.TrueAsync(async () =>
            {
                now = (await page.StatsAsync())?.Inbound ?? [];
                return before.All(then => now.Any(stream => stream.Mid == then.Mid && (then.Kind == "video"
                    ? stream.FramesDecoded >= then.FramesDecoded + FramesPerRound
                    : stream.AudioEnergy > then.AudioEnergy)));
            }, Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{page.Name} does not go on.\nBefore: {string.Join("\n        ", before)}\nNow:    {string.Join("\n        ", now)}", exception);
        }
    }

    /// <summary>At least one picture moves on by a round's frames.</summary>
    static async Task OneGoesOnAsync(CallPage page)
    {
        var before = (await page.StatsAsync())!.Video.ToDictionary(stream => stream.Mid, stream => stream.FramesDecoded);
        await Eventually.TrueAsync(async () => (await page.StatsAsync())!.Video.Any(stream => stream.FramesDecoded >= before.GetValueOrDefault(stream.Mid) + FramesPerRound), Patience, $"{page.Name} goes on decoding");
    }

    static bool Explain(IEnumerable<CallPage> pages)
    {
        foreach (var page in pages)
            TestContext.Current.TestOutputHelper?.WriteLine($"=== console of {page.Name}\n{page.Console}");
        return true;
    }
}
