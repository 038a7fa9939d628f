using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>Clients that know nothing of us but HTTP and WebRTC, beside people at the join page.</summary>
public sealed class WhipAndWhep(RunningApp app) : EndToEndTest(app)
{
    const int Frames = 45;

    [Fact]
    public async Task AnIndependentClientPublishes_AnotherPlays_AndAPageSeesIt()
    {
        var room = $"whip-{Guid.NewGuid():N}";
        // The player is there first, at one replica; the publisher comes by the other.
        await using var player = WhipClient.Play(new Uri(App.Signaling[0], $"/whep/{room}"), await App.TokenAsync("vera"));
        await using var publisher = WhipClient.Publish(new Uri(App.Signaling[1], $"/whip/{room}"), await App.TokenAsync("paul"));
        await using var browser = await Browser.StartAsync();
        try
        {
            var page = await browser.JoinAsync(App.Web, "ann", room);
            await using var _ = page;
            await Eventually.TrueAsync(() => player.Last is { Frames: > Frames, Pictures: > Frames / 2, Samples: > 48_000, Width: 320, Height: 240 }, Patience, "the player counts frames and samples");
            await Eventually.TrueAsync(async () => await page.StatsAsync() is { } stats && stats.Video.Any(stream => stream is { FramesDecoded: > Frames, Width: 320 })
                && stats.Audio.Any(stream => stream.AudioEnergy > 0), Patience, "the page decodes the publisher");
            Assert.Equal(["paul"], await page.OthersAsync());

            var ended = await publisher.EndAsync();
            Assert.Equal(("deleted", 200), (ended.State, ended.Status));
            await Eventually.TrueAsync(async () => (await page.OthersAsync()).Count == 0, Patience, "the page sees the publisher leave");
            Assert.Equal("connected", player.Last.State);
            Assert.Equal("deleted", (await player.EndAsync()).State);
        }
        catch (Exception)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"=== publisher\n{publisher.Output}\n=== player\n{player.Output}");
            throw;
        }
    }

    [Fact]
    public async Task WithoutUdp_AnIndependentClientPublishesAndAnotherPlays()
    {
        var room = $"whip-{Guid.NewGuid():N}";
        await using var player = WhipClient.Play(new Uri(App.Signaling[1], $"/whep/{room}"), await App.TokenAsync("vera"), tcp: true);
        await using var publisher = WhipClient.Publish(new Uri(App.Signaling[0], $"/whip/{room}"), await App.TokenAsync("paul"), tcp: true);
        try
        {
            await Eventually.TrueAsync(() => player.Last is { Frames: > Frames, Pictures: > Frames / 2, Samples: > 48_000, Width: 320, Height: 240 }, Patience, "the player counts frames and samples");
            foreach (var client in new[] { publisher, player })
            {
                var ended = await client.EndAsync();
                Assert.Equal(("deleted", 200), (ended.State, ended.Status));
            }
        }
        catch (Exception)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"=== publisher\n{publisher.Output}\n=== player\n{player.Output}");
            throw;
        }
    }

    [Fact]
    public async Task WithoutUdp_ABrowserPublishesAndAnotherPlays_AndBothRestartIce()
    {
        const string transport = "tcp";
        var room = $"whip-{Guid.NewGuid():N}";
        await using var browser = await Browser.StartAsync();
        await using var publisher = await browser.OpenBlankAsync(App.SignalingFront);
        await publisher.OpenAsync(new Uri(App.SignalingFront, $"/whip/{room}"), await App.TokenAsync("paul"), transport);
        await using var player = await browser.OpenBlankAsync(App.SignalingFront);
        await player.OpenAsync(new Uri(App.SignalingFront, $"/whep/{room}/paul"), await App.TokenAsync("vera"), transport);
        await Eventually.TrueAsync(async () => (await player.StateAsync()).FramesDecoded > Frames, Patience, "the player decodes");
        Assert.Equal((transport, transport), ((await publisher.StateAsync()).Protocol, (await player.StateAsync()).Protocol));

        foreach (var page in new[] { publisher, player })
        {
            Assert.Equal((200, true), await page.RestartAsync());
            var before = (await player.StateAsync()).FramesDecoded;
            await Eventually.TrueAsync(async () => (await player.StateAsync()).FramesDecoded > before + Frames, Patience, "the picture goes on after the restart");
            Assert.Equal("connected", (await page.StateAsync()).State);
        }
    }
}
