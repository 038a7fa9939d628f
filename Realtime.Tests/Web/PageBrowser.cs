using Microsoft.Playwright;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Chromium with fake devices, and pages that remember what went wrong in them.</summary>
public sealed class PageBrowser : IAsyncLifetime
{
    static readonly string[] Installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    IPlaywright? _playwright;
    IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            // The system's, so that nothing is downloaded; null is Playwright's own.
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? Installed.FirstOrDefault(File.Exists),
            Args = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"],
        });
    }

    /// <summary>A person of its own: nothing is shared with other pages.</summary>
    public async Task<(IPage Page, List<string> Problems)> OpenAsync(int width = 1280, int height = 800, bool devices = true)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Permissions = devices ? ["camera", "microphone"] : [],
        });
        var page = await context.NewPageAsync();
        var problems = new List<string>();
        page.PageError += (_, error) => problems.Add($"uncaught: {error}");
        page.Console += (_, line) =>
        {
            // A connection that a test broke on purpose is told by the browser itself.
            if (line.Type is "error" or "warning" && !line.Text.Contains("WebSocket"))
                problems.Add(line.Text);
        };
        return (page, problems);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
