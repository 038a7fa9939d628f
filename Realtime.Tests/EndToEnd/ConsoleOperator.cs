using Microsoft.Playwright;
using Realtime.Tests.Harness;
using Realtime.Tests.Web;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Realtime.Tests.EndToEnd;

/// <summary>An operator at the console of the running app: opens pages, does what a link asks about, and reads what is said afterwards.</summary>
sealed class ConsoleOperator : IAsyncDisposable
{
    /// <summary>Set: every page that is looked at leaves pictures there, at three widths in both themes.</summary>
    static readonly string? s_pictures = Environment.GetEnvironmentVariable("REALTIME_SCREENSHOTS");

    static readonly (int Width, int Height)[] s_sizes = [(390, 844), (1024, 768), (1920, 1080)];
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    readonly PageBrowser _browser = new();
    readonly Uri _web;

    ConsoleOperator(Uri web) => _web = web;

    public IPage Page { get; private set; } = null!;

    /// <summary>What the browser complained about.</summary>
    public List<string> Problems { get; private set; } = [];

    public static async Task<ConsoleOperator> StartAsync(Uri web)
    {
        var one = new ConsoleOperator(web);
        await one._browser.InitializeAsync();
        (one.Page, one.Problems) = await one._browser.OpenAsync(devices: false);
        one.Page.SetDefaultTimeout((float)s_patience.TotalMilliseconds);
        SetDefaultExpectTimeout((float)s_patience.TotalMilliseconds);
        return one;
    }

    public async Task OpenAsync(string path) => await Page.GotoAsync(new Uri(_web, path).AbsoluteUri);

    public ILocator Row(string testId, string text) => Page.GetByTestId(testId).Filter(new() { HasText = text });

    /// <summary>Follows a link to its question, says yes, and is told how it went.</summary>
    /// <param name="scope">Where the link is.</param>
    /// <param name="fill">What the question asks for besides.</param>
    public async Task DoAsync(ILocator scope, string link, string button, string told, Func<ILocator, Task>? fill = null)
    {
        await scope.GetByRole(AriaRole.Link, new() { Name = link }).First.ClickAsync();
        var dialog = Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToBeVisibleAsync();
        if (fill is not null)
            await fill(dialog);
        // The form leads back here: what is read after it is the new page's.
        await Page.RunAndWaitForResponseAsync(
            () => dialog.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync(), static response => response.Request is { Method: "GET", IsNavigationRequest: true });
        await Expect(Page.GetByTestId("note")).ToContainTextAsync(told);
    }

    /// <summary>Nothing that keeps anybody out, nothing wider than the page; and its pictures, when they are wanted.</summary>
    public async Task LookAsync(string name)
    {
        await Axe.CleanAsync(Page);
        var usual = Page.ViewportSize!;
        foreach (var (width, height) in s_sizes)
        {
            await Page.SetViewportSizeAsync(width, height);
            Assert.Equal(0, await Page.EvaluateAsync<int>("() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
            foreach (var scheme in s_pictures is null ? [] : new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await Page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures!, $"{name}-{width}-{scheme}.png"), FullPage = width < 1920 });
            }
        }
        // Colours are told apart in the dark, too.
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Axe.CleanAsync(Page);
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Page.SetViewportSizeAsync(usual.Width, usual.Height);
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();
}
