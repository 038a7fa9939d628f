using System.Text.Json;
using Microsoft.Playwright;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Tests.Harness;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Realtime.Tests.Web;

/// <summary>What people write is text in the page, whatever it looks like.</summary>
[Trait("Tier", "EndToEnd")]
public class MarkupTests(PageBrowser browser) : IClassFixture<PageBrowser>
{
    [Fact]
    public async Task Whatever_people_write_or_call_themselves_stays_text()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        string[] texts = [.. Markup.Corpus.Select(TextRules.Clean)];
        foreach (var text in texts[..^10])
            signaling.Hub.Append(new SendMessageRequest("lounge", Guid.NewGuid().ToString(), text, Attachments: [JsonSerializer.SerializeToElement(new { id = text, name = text, type = "text/plain", size = 10 })]), "eve", TextRules.CleanLine(text));
        foreach (var text in texts)
            signaling.Hub.Join(Guid.NewGuid().ToString(), "eve", TextRules.CleanLine(text), JsonSerializer.SerializeToElement(new { hand = text, name = text }));
        var (page, problems) = await browser.OpenAsync();
        var dialogs = 0;
        page.Dialog += async (_, dialog) =>
        {
            dialogs++;
            await dialog.DismissAsync();
        };
        List<string> elsewhere = [];
        page.Request += (_, request) =>
        {
            if (request.Url.Contains("evil.example", StringComparison.Ordinal) || request.Url.StartsWith("data:text/html", StringComparison.Ordinal))
                elsewhere.Add(request.Url);
        };
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync(new Uri(web.Address, "/?room=lounge&name=ann&autojoin=1").AbsoluteUri);
        await Expect(page.GetByTestId("connection")).ToHaveTextAsync("Connected", new() { Timeout = 20_000 });
        // The last ones live, then some of them as edits.
        foreach (var text in texts[^10..])
            await SayAsync(page, text);
        await Expect(page.Locator("[data-testid=message][data-seq]").Last).ToHaveAttributeAsync("data-seq", $"{texts.Length}");
        await page.EvaluateAsync(
            """
            async texts => {
              const { channel } = window.__realtime;
              const messages = await channel.history({ limit: 10 });
              for (const [i, { id }] of messages.entries()) await channel.edit(id, texts[i]);
            }
            """, texts[..10]);
        string[] expected = [.. texts[^50..^10], .. texts[..10]];
        await Eventually.TrueAsync(async () => (await ShownAsync(page)).TakeLast(50).SequenceEqual(expected), TimeSpan.FromSeconds(20));
        Assert.Equal(0, await page.EvalOnSelectorAllAsync<int>("[data-testid=message] .text, [data-testid=message] .author", "all => all.filter(one => one.childElementCount > 0).length"));
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('#messages :is(script, img, svg, iframe, a, style, object, embed, form, input):not(.actions svg, .attachment > svg:first-child)').length"));
        Assert.False(await page.EvaluateAsync<bool>($"'{Markup.Flag}' in window"));
        Assert.Equal(0, dialogs);
        Assert.Empty(elsewhere);
        Assert.Empty(problems);
    }

    [Fact]
    public async Task Edits_and_deletions_show_at_once_and_after_a_reload()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var (page, problems) = await browser.OpenAsync();
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync(new Uri(web.Address, "/?room=lounge&name=ann&autojoin=1").AbsoluteUri);
        await Expect(page.GetByTestId("connection")).ToHaveTextAsync("Connected", new() { Timeout = 20_000 });
        await SayAsync(page, "one");
        await SayAsync(page, "two");
        await Expect(page.Locator("[data-testid=message][data-seq]")).ToHaveCountAsync(2);
        await page.EvaluateAsync(
            """
            async () => {
              const { channel } = window.__realtime;
              const [one, two] = await channel.history();
              await channel.edit(one.id, 'one!');
              await channel.delete(two.id);
            }
            """);
        for (var look = 0; look < 2; look++)
        {
            await Eventually.TrueAsync(async () => (await ShownAsync(page)).SequenceEqual(["one!", "Message deleted"]), TimeSpan.FromSeconds(20));
            await Expect(page.Locator("[data-testid=message][data-changed=edited]")).ToHaveCountAsync(1);
            await Expect(page.Locator("[data-testid=message][data-changed=deleted]")).ToHaveCountAsync(1);
            await page.ReloadAsync();
        }
        Assert.Empty(problems);
    }

    static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("chat-text").FillAsync(text);
        await page.GetByTestId("chat-text").PressAsync("Enter");
    }

    static Task<string[]> ShownAsync(IPage page) => page.EvalOnSelectorAllAsync<string[]>("[data-testid=message][data-seq] .text", "all => all.map(one => one.textContent)");
}
