using Microsoft.Playwright;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Realtime.Tests.EndToEnd;

/// <summary>What the console shows, and what operators can still do, while something is down; and that it is right again afterwards without a reload.</summary>
public sealed class ConsoleWhileDown(RunningApp app) : EndToEndTest(app)
{
    [Theory(Explicit = true)] // As the other.
    [InlineData("redis", "redis")]
    [InlineData("postgres", "database")]
    public async Task ADependency_IsNamed_ItsCircuitCanBeReset_AndItsReturnSeen(string dependency, string circuit)
    {
        await using var console = await ConsoleOperator.StartAsync(App.Web);
        await console.OpenAsync("/console");
        var frozen = App.Freeze(dependency);
        try
        {
            var degraded = console.Page.GetByTestId("degraded");
            await Expect(degraded).ToContainTextAsync(circuit, new() { Timeout = (float)Patience.TotalMilliseconds });
            await Expect(degraded).ToContainTextAsync("Works:");
            await console.LookAsync($"Overview-without-{dependency}");
            foreach (var page in new[] { "crashes", "audit", "deliveries", "moderation" })
            {
                await console.OpenAsync($"/console/{page}");
                // In words, or with what is there: never a page that does not come.
                await Expect(console.Page.Locator("[data-live] [data-state]").First).ToBeVisibleAsync();
            }
            await console.OpenAsync("/console/circuits");
            var row = console.Page.GetByTestId("circuit").Filter(new() { HasText = circuit }).First;
            await Expect(row).ToContainTextAsync("open", new() { Timeout = (float)Patience.TotalMilliseconds });
            await console.LookAsync($"Circuits-without-{dependency}");
            await console.DoAsync(console.Page.GetByTestId("circuit").Filter(new() { HasText = circuit, Has = console.Page.GetByRole(AriaRole.Link, new() { Name = "Close the circuit" }) }).First, "Close the circuit", "Close the circuit", "Done.");
            await Eventually.TrueAsync(async () => (await Task.WhenAll(App.Signaling.Select(replica => App.GetAsync<CircuitInfo[]>(replica, "/status/circuit-breakers")))).SelectMany(static all => all)
                .Any(one => one.Name == circuit && one.History?.Any(static change => change.Why == "reset") == true), Patience, "the circuit was closed by hand");
            await console.OpenAsync("/console");
        }
        finally
        {
            RunningApp.Thaw(frozen);
        }
        await Expect(console.Page.GetByTestId("degraded")).ToHaveCountAsync(0, new() { Timeout = (float)Patience.TotalMilliseconds });
        await Expect(console.Page.Locator("[data-freshness]")).ToHaveAttributeAsync("data-state", "live");
        await App.RecoveredAsync();
    }

    [Fact(Explicit = true)] // By name and `-explicit on`: not yet seen green often enough for every run.
    public async Task AMediaNode_IsLost_AndBack()
    {
        await using var console = await ConsoleOperator.StartAsync(App.Web);
        await console.OpenAsync("/console/nodes");
        var row = console.Page.GetByTestId("node").Filter(new() { HasText = "media-1" });
        await Expect(row).ToContainTextAsync("live");
        var frozen = App.Freeze("media-1");
        try
        {
            await Expect(row).ToContainTextAsync("lost");
            await console.LookAsync("Nodes-one-lost");
        }
        finally
        {
            RunningApp.Thaw(frozen);
        }
        await Expect(row).ToContainTextAsync("live", new() { Timeout = (float)Patience.TotalMilliseconds });
        await App.RecoveredAsync();
    }
}
