using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>Chromium and Firefox in one room, at the join page that people use.</summary>
public sealed class TwoBrowsers(RunningApp app) : EndToEndTest(app)
{
    const int Frames = 40;

    /// <summary>
    /// Firefox plays H264 by the system's libavcodec when it is told so; what it cannot do here is send it (README). Without these it offers no H264, and
    /// Chromium is asked for VP8.
    /// </summary>
    static readonly Dictionary<string, object> s_h264 = new()
    {
        ["media.navigator.mediadatadecoder_h264_enabled"] = true,
        ["media.webrtc.hw.h264.enabled"] = true,
        ["gfx.blacklist.webrtc.hw.acceleration.h264"] = 1,
    };

    [Fact]
    public async Task SeeAndHearEachOther_InVp8AndH264()
    {
        Assert.True(Firefox.IsInstalled, "firefox-esr is not installed");
        var room = $"browsers-{Guid.NewGuid():N}";
        await using var chromium = await Browser.StartAsync();
        await using var firefox = await Firefox.JoinAsync(App.Web, "fay", room, preferences: s_h264);
        await using var ann = await chromium.JoinAsync(App.Web, "ann", room, query: "&codec=h264");
        await using var ben = await chromium.JoinAsync(App.Web, "ben", room);
        CallStats? stats = null;
        try
        {
            await Eventually.TrueAsync(async () => (stats = await firefox.StatsAsync()) is not null && Decodes(stats, "video/H264") && Decodes(stats, "video/VP8") && Hears(stats, 2), Patience);
            foreach (var page in new[] { ann, ben })
                await Eventually.TrueAsync(async () => (stats = await page.StatsAsync()) is not null && stats.Video.Count(Moves) == 2 && Hears(stats, 2), Patience, $"{page.Name} sees and hears both");
            // ben's: Chromium has taken the FID group for what repairs each stream.
            Assert.All(stats!.Video, stream => Assert.NotEqual(0, stream.RtxSsrc));
            Assert.Contains(stats.Video, stream => stream.Codec == "video/H264");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{string.Join('\n', stats?.Inbound ?? [])}\nann: {ann.Console}", exception);
        }
    }

    /// <summary>
    /// Both ways, with the encoder that people's Firefoxes have: Cisco's OpenH264 plugin, which Firefox downloads and tests do not. MOZ_GMP_PATH, which Firefox reads, names the
    /// folder of one (<c>gmp-gmpopenh264/VERSION</c> of any profile); by name for that reason.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task SendEachOtherH264_WithFirefoxsPlugin()
    {
        var plugin = Environment.GetEnvironmentVariable("MOZ_GMP_PATH");
        Assert.True(File.Exists(Path.Combine(plugin ?? "", "gmpopenh264.info")), "MOZ_GMP_PATH names no OpenH264 plugin");
        var room = $"browsers-{Guid.NewGuid():N}";
        await using var chromium = await Browser.StartAsync();
        await using var firefox = await Firefox.JoinAsync(App.Web, "fay", room, query: "&codec=h264");
        await using var ann = await chromium.JoinAsync(App.Web, "ann", room, query: "&codec=h264");
        CallStats? fays = null, anns = null;
        try
        {
            await Eventually.TrueAsync(async () => (fays = await firefox.StatsAsync()) is not null && Decodes(fays, "video/H264") && Hears(fays, 1), Patience, "fay sees and hears ann");
            await Eventually.TrueAsync(async () => (anns = await ann.StatsAsync()) is not null && Decodes(anns, "video/H264") && Hears(anns, 1), Patience, "ann sees and hears fay");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{string.Join('\n', [.. fays?.Inbound ?? [], .. anns?.Inbound ?? []])}\nann: {ann.Console}", exception);
        }
    }

    static bool Decodes(CallStats stats, string codec) => stats.Video.Any(stream => stream.Codec == codec && Moves(stream));

    static bool Moves(InboundStream stream) => stream.FramesDecoded >= Frames && stream is { Width: >= 160, Height: >= 90 };

    static bool Hears(CallStats stats, int people) => stats.Audio.Count(stream => stream.AudioEnergy > 0) == people;
}
