using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Realtime.Tests.Harness;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Realtime.Tests.EndToEnd;

/// <summary>What people do at the join page beside seeing and hearing each other, against the running app.</summary>
public sealed class JoinPageWalk(RunningApp app) : EndToEndTest(app)
{
    const string EvilName = "<img src=x onerror=window.__ran=1>.txt";

    static readonly LocatorAssertionsToContainTextOptions s_patient = new() { Timeout = 30_000 };

    [Fact]
    public async Task TwoChangeMessages_ShareFilesAndAScreen_RaiseAHand_AndComeBackByAReload()
    {
        await using var browser = await Browser.StartAsync();
        var room = $"walk-{Guid.NewGuid():N}";
        var pages = await Task.WhenAll(new[] { "ann", "ben" }.Select(name => browser.JoinAsync(App.Web, name, room)));
        var (ann, ben) = (pages[0].Page, pages[1].Page);
        try
        {
            foreach (var page in pages)
            {
                page.Page.SetDefaultTimeout(30_000);
                await Eventually.TrueAsync(async () => (await page.PicturesAsync()).Any(pixels => pixels > 0), Patience, $"{page.Name} sees the other");
            }

            await ChatAsync(pages[0], pages[1]);
            await FilesAsync(ann, ben);
            await HandAsync(ann, ben);
            await ScreenAsync(ann, ben);
            await Axe.CleanAsync(ann);
            await ReloadAsync(pages[1]);
            Assert.False(await ann.EvaluateAsync<bool>($"'{Markup.Flag}' in window"));
        }
        catch (Exception) when (Explain(pages))
        {
            throw;
        }
    }

    static async Task ChatAsync(CallPage annAt, CallPage benAt)
    {
        var (ann, ben) = (annAt.Page, benAt.Page);
        await annAt.SayAsync("teh plan");
        await Expect(ben.GetByTestId("message")).ToHaveAttributeAsync("data-seq", new Regex(@"\d"));
        await Expect(ann.Locator(".seen").First).ToContainTextAsync("Seen by ben", s_patient);
        await Expect(ann.GetByTestId("message")).ToHaveAttributeAsync("data-seq", new Regex(@"\d"));
        await ann.GetByTestId("chat-text").PressAsync("ArrowUp");
        await annAt.SayAsync("the plan");
        await Expect(ben.Locator("[data-testid=message][data-changed=edited] .text")).ToHaveTextAsync("the plan");
        await ben.GetByTestId("chat-text").PressSequentiallyAsync("hm");
        await Expect(ann.GetByTestId("typing")).ToContainTextAsync("ben is writing", s_patient);
    }

    static async Task FilesAsync(IPage ann, IPage ben)
    {
        await ann.GetByTestId("chat-file").SetInputFilesAsync(new FilePayload { Name = EvilName, MimeType = "text/plain", Buffer = "the file"u8.ToArray() });
        await Expect(ann.Locator("[data-testid=upload][data-state=done]")).ToHaveCountAsync(1);
        await ann.GetByTestId("chat-text").PressAsync("Enter");
        var file = ben.GetByTestId("attachment");
        await Expect(file).ToContainTextAsync("onerror", s_patient);
        var download = await ben.RunAndWaitForDownloadAsync(() => file.ClickAsync());
        Assert.Equal("the file", await File.ReadAllTextAsync(await download.PathAsync()));

        await ann.GetByTestId("message").Last.HoverAsync();
        await ann.GetByTestId("message-delete").Last.ClickAsync();
        await ann.GetByTestId("confirm-yes").ClickAsync();
        await Expect(ben.Locator("[data-testid=message][data-changed=deleted]")).ToHaveCountAsync(1);
        await Expect(file).ToHaveCountAsync(0);
    }

    static async Task HandAsync(IPage ann, IPage ben)
    {
        await ben.GetByTestId("hand").ClickAsync();
        await Expect(ann.Locator("[data-testid=tile][data-name=ben]")).ToHaveAttributeAsync("data-hand", "1");
        await ben.GetByTestId("hand").ClickAsync();
        await Expect(ann.Locator("[data-testid=tile][data-name=ben]")).ToHaveAttributeAsync("data-hand", "0");
    }

    static async Task ScreenAsync(IPage ann, IPage ben)
    {
        for (var share = 0; share < 2; share++)
        {
            await ben.GetByTestId("share").ClickAsync();
            await ann.WaitForFunctionAsync("() => document.querySelector('[data-testid=screen-tile].large [data-testid=screen-video]')?.videoWidth > 0");
            await ben.GetByTestId("sharing-stop").ClickAsync();
            await Expect(ann.GetByTestId("screen-tile")).ToHaveCountAsync(0);
        }

        await ann.Locator("[data-testid=tile][data-own=true] [data-testid=tile-pin]").FocusAsync();
        await ann.Keyboard.PressAsync("Enter");
        await Expect(ann.Locator("[data-testid=tile].large")).ToHaveAttributeAsync("data-own", "true");
        await ann.Keyboard.PressAsync("g");
        await Expect(ann.Locator(".large")).ToHaveCountAsync(0);
    }

    /// <summary>The address alone leads to the lobby; the reload of a call leads back into it, muted as one was, with what was being written.</summary>
    static async Task ReloadAsync(CallPage page)
    {
        await page.Page.EvaluateAsync("() => history.replaceState(null, '', location.search.replace(/&?(autojoin|name)=[^&]*/g, ''))");
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.Page.GetByTestId("chat-text").FillAsync("half a thought");
        await page.ReloadAsync();
        await Expect(page.Page.GetByTestId("chat-text")).ToHaveValueAsync("half a thought", new() { Timeout = 30_000 });
        await Expect(page.Page.GetByTestId("mute")).ToHaveAttributeAsync("aria-pressed", "false");
        await Eventually.TrueAsync(async () => (await page.PicturesAsync()).Any(pixels => pixels > 0), Patience, $"{page.Name} sees the other again");
    }

    static bool Explain(IEnumerable<CallPage> pages)
    {
        foreach (var page in pages)
            TestContext.Current.TestOutputHelper?.WriteLine($"=== console of {page.Name}\n{page.Console}");
        return true;
    }
}
