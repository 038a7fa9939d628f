using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>Somebody whose network lets nothing through but TURN: real Chromium, real coturn with ephemeral credentials, relaying to the media nodes and nobody else.</summary>
public sealed class RelayedCall(RunningApp app) : EndToEndTest(app)
{
    const int Frames = 45;

    [Fact(Explicit = true)] // By name and `-explicit on`: not yet seen green often enough for every run.
    public async Task One_behind_TURN_and_one_who_is_not_see_and_hear_each_other()
    {
        var room = $"relayed-{Guid.NewGuid():N}";
        await using var browser = await Browser.StartAsync();
        await using var ann = await browser.JoinAsync(App.Web, "ann", room, relay: true);
        await using var ben = await browser.JoinAsync(App.Web, "ben", room);
        CallStats? stats = null;
        try
        {
            foreach (var page in new[] { ann, ben })
            {
                await Eventually.TrueAsync(
                    async () => (stats = await page.StatsAsync()) is not null && stats.Video.Any(static stream => stream.FramesDecoded >= Frames) && stats.Audio.Any(static stream => stream.AudioEnergy > 0),
                    Patience, $"{page.Name} sees and hears the other");
            }
            Assert.Equal("relay", (await ann.StatsAsync())!.Local);
            Assert.NotEqual("relay", (await ben.StatsAsync())!.Local);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{stats}\nann: {ann.Console}\nben: {ben.Console}", exception);
        }

        // Her client said by which server she came; it counts as a success of that server's circuit, on the replica she is at.
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await App.TokenAsync("operator", new Grants(Admin: true)));
        foreach (var replica in App.Signaling)
        {
            var circuits = await http.GetFromJsonAsync<CircuitInfo[]>(new Uri(replica, "/status/circuit-breakers"), ContractsJson.Options);
            Assert.Contains(circuits!, static one => one is { State: "closed", Succeeded: > 0 } && one.Name.StartsWith("turn:", StringComparison.Ordinal));
        }
    }
}
