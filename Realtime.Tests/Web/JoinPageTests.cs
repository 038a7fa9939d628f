using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Realtime.Tests.Harness;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Realtime.Tests.Web;

/// <summary>The join page in Chromium against a fake signaling: what people do with it, apart from the media.</summary>
[Trait("Tier", "EndToEnd")]
public class JoinPageTests(PageBrowser browser) : IClassFixture<PageBrowser>
{
    static async Task<IPage> JoinAsync(PageBrowser browser, WebHost web, string name, List<string>? problems = null, int width = 1280, int height = 800)
    {
        var (page, seen) = await browser.OpenAsync(width, height);
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync(new Uri(web.Address, $"/?room=lounge&name={name}&autojoin=1").AbsoluteUri);
        await Expect(page.GetByTestId("connection")).ToHaveTextAsync("Connected", new() { Timeout = 20_000 });
        await Expect(page.GetByTestId("tile").First).ToBeVisibleAsync();
        problems?.AddRange(seen);
        return page;
    }

    static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("chat-text").FillAsync(text);
        await page.GetByTestId("chat-text").PressAsync("Enter");
    }

    static Task<string[]> ChatAsync(IPage page) =>
        page.EvalOnSelectorAllAsync<string[]>("[data-testid=message][data-seq]", "all => all.map(one => `${one.dataset.seq} ${one.querySelector('.text').textContent}`)");

    [Fact]
    public async Task The_form_says_what_is_missing_and_then_lets_in()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var (page, problems) = await browser.OpenAsync();
        await page.GotoAsync(new Uri(web.Address, "/?room=stand%20up").AbsoluteUri);
        await page.GetByTestId("join").ClickAsync();
        await Expect(page.Locator("#name-error")).ToContainTextAsync("How should the others call you?");
        await Expect(page.Locator("#room-error")).ToContainTextAsync("at most 64");
        await Expect(page.GetByTestId("name")).ToBeFocusedAsync();
        await page.GetByTestId("name").FillAsync("Ann <script>");
        await page.GetByTestId("room").FillAsync("standup");
        await page.GetByTestId("room").PressAsync("Enter");
        await Expect(page.GetByTestId("call-room")).ToHaveTextAsync("standup");
        await Expect(page.GetByTestId("tile")).ToHaveAttributeAsync("data-name", "Ann <script>");
        await Expect(page.GetByTestId("alone")).ToBeVisibleAsync();
        await Eventually.TrueAsync(() => !signaling.Hub.Offers.IsEmpty);
        Assert.True(signaling.Hub.Offers.TryPeek(out var offer));
        Assert.Matches(@"m=audio[\s\S]*a=sendonly[\s\S]*m=video[\s\S]*a=sendonly", offer);
        Assert.DoesNotContain("usedtx=1", offer);
        var video = Regex.Match(offer, @"m=video \d+ \S+ (\d+)").Groups[1].Value;
        Assert.Contains($"a=rtpmap:{video} VP8/90000", offer);
        Assert.Empty(problems);
    }

    [Fact]
    public async Task Without_devices_one_still_gets_in_and_is_told_why()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var (page, _) = await browser.OpenAsync();
        await page.AddInitScriptAsync("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))");
        await page.GotoAsync(new Uri(web.Address, "/?room=lounge&name=Ann").AbsoluteUri);
        await Expect(page.GetByTestId("device-problem")).ToContainTextAsync("was found");
        await page.GetByTestId("join").ClickAsync();
        await Expect(page.GetByTestId("tile")).ToHaveAttributeAsync("data-muted", "true");
        await Expect(page.GetByTestId("mute")).ToHaveAttributeAsync("aria-pressed", "false");
    }

    [Fact]
    public async Task Two_write_and_read_the_same_and_find_it_again_after_a_reload()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var ann = await JoinAsync(browser, web, "ann");
        var ben = await JoinAsync(browser, web, "ben");
        await Expect(ann.GetByTestId("people-count")).ToHaveTextAsync("2 people");
        for (var i = 0; i < 3; i++)
            await Task.WhenAll(SayAsync(ann, $"ann {i}"), SayAsync(ben, $"<b>ben</b> {i}"));
        await Eventually.TrueAsync(async () => (await ChatAsync(ann)).Length == 6 && (await ChatAsync(ben)).Length == 6);
        var chat = await ChatAsync(ann);
        Assert.Equal(chat, await ChatAsync(ben));
        Assert.Contains(chat, static line => line.EndsWith("<b>ben</b> 0"));
        await ben.ReloadAsync();
        await Eventually.TrueAsync(async () => (await ChatAsync(ben)).SequenceEqual(chat), TimeSpan.FromSeconds(20));
        await SayAsync(ben, "refuse me");
        await Expect(ben.Locator("[data-testid=message][data-state=failed]")).ToContainTextAsync("Refused on purpose");
        await ann.CloseAsync(new PageCloseOptions { RunBeforeUnload = true });
        await Expect(ben.GetByTestId("people-count")).ToHaveTextAsync("1 person");
    }

    [Fact]
    public async Task Keys_do_what_they_say_but_not_while_typing()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var page = await JoinAsync(browser, web, "ann");
        await page.GetByTestId("chat-text").FocusAsync();
        await page.Keyboard.TypeAsync("mvcl");
        await Expect(page.GetByTestId("mute")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.GetByTestId("mute").FocusAsync();
        await page.Keyboard.PressAsync("m");
        await Expect(page.GetByTestId("mute")).ToHaveAttributeAsync("aria-pressed", "false");
        await page.Keyboard.PressAsync("m");
        await Expect(page.GetByTestId("mute")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("v");
        await Expect(page.GetByTestId("tile")).ToHaveAttributeAsync("data-picture", "false");
        await page.Keyboard.PressAsync("v");
        await Expect(page.GetByTestId("tile")).ToHaveAttributeAsync("data-picture", "true");
        await page.Keyboard.PressAsync("c");
        await Expect(page.GetByTestId("chat")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("l");
        await Expect(page.GetByTestId("lobby")).ToBeVisibleAsync();
        await Eventually.TrueAsync(() => signaling.Hub.People.Count == 0);
    }

    [Fact]
    public async Task A_lost_connection_is_told_and_nothing_written_meanwhile_is_lost()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var page = await JoinAsync(browser, web, "ann");
        await page.EvaluateAsync("() => { window.states = []; window.__realtime.client.on('status', status => window.states.push(status.state)); }");
        await SayAsync(page, "before");
        await Expect(page.Locator("[data-testid=message][data-seq]")).ToHaveCountAsync(1);
        signaling.Hub.DropAll();
        await Eventually.TrueAsync(() => page.EvaluateAsync<bool>("window.states.includes('reconnecting')"));
        await SayAsync(page, "meanwhile");
        await Eventually.TrueAsync(async () => (await ChatAsync(page)).SequenceEqual(["1 before", "2 meanwhile"]), TimeSpan.FromSeconds(20));
        await Expect(page.GetByTestId("connection")).ToHaveTextAsync("Connected", new() { Timeout = 20_000 });
        Assert.Equal(["reconnecting", "connected"], await page.EvaluateAsync<string[]>("window.states"));
        await Expect(page.GetByTestId("banner")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Unread_messages_are_counted_until_they_are_seen()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var ann = await JoinAsync(browser, web, "ann");
        var ben = await JoinAsync(browser, web, "ben");
        await ann.GetByTestId("chat-toggle").ClickAsync();
        await SayAsync(ben, "one");
        await SayAsync(ben, "two");
        await Expect(ann.GetByTestId("unread")).ToHaveTextAsync("2");
        await Expect(ann).ToHaveTitleAsync(new Regex(@"^\(2\)"));
        await ann.GetByTestId("chat-toggle").ClickAsync();
        await Expect(ann.GetByTestId("unread")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(390, 844)]
    [InlineData(1024, 768)]
    [InlineData(1920, 1080)]
    public async Task Twelve_people_fit_any_screen(int width, int height)
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        for (var i = 0; i < 11; i++)
            signaling.Hub.Join($"fake {i}", $"user-{i}", $"Person number {i}");
        List<string> problems = [];
        var page = await JoinAsync(browser, web, "ann", problems, width, height);
        await Expect(page.GetByTestId("tile")).ToHaveCountAsync(12);
        // The layout follows the resize observer, one frame later.
        await Eventually.TrueAsync(() => page.EvaluateAsync<bool>("""
            () => {
              const stage = document.querySelector('#stage').getBoundingClientRect();
              const tiles = [...document.querySelectorAll('[data-testid=tile]')].map(tile => tile.getBoundingClientRect());
              const inside = tiles.every(tile => tile.width > 60 && tile.left >= stage.left && tile.right <= stage.right && tile.top >= stage.top && tile.bottom <= stage.bottom);
              const apart = tiles.every((a, i) => tiles.every((b, j) => i >= j || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top));
              return inside && apart;
            }
            """));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        foreach (var control in (string[])["mute", "camera-toggle", "chat-toggle", "leave"])
        {
            var box = (await page.GetByTestId(control).BoundingBoxAsync())!;
            Assert.True(box.Width >= 44 && box.Height >= 44 && box.X >= 0 && box.X + box.Width <= width && box.Y + box.Height <= height, control);
        }
        Assert.Empty(problems);
    }

    [Fact]
    public async Task Everything_that_can_be_used_has_a_name()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var page = await JoinAsync(browser, web, "ann");
        var nameless = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('button, input, select, textarea, meter, aside, nav, main')]
              .filter(one => !(one.ariaLabel || one.getAttribute('aria-labelledby') || one.labels?.length || one.textContent.trim() || one.id === 'lobby'))
              .map(one => one.outerHTML.slice(0, 80))
            """);
        Assert.Empty(nameless);
    }
}
