using Microsoft.Playwright;

namespace Realtime.Tests.Harness;

/// <summary>One Chromium with fake devices; each <see cref="CallPage"/> is a context, so a person, of its own.</summary>
public sealed class Browser : IAsyncDisposable
{
    static readonly string[] s_paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    readonly IPlaywright _playwright;
    readonly IBrowser _browser;

    Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <param name="fps">Of the fake camera.</param>
    public static async Task<Browser> StartAsync(int fps = 20)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            // The system's, so that nothing is downloaded; null is Playwright's own.
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? s_paths.FirstOrDefault(File.Exists),
            Args =
            [
                "--no-sandbox",
                $"--use-fake-device-for-media-stream=fps={fps}",
                "--use-fake-ui-for-media-stream",
                // Without it Chromium drops loopback candidates, and everything here is on 127.0.0.1.
                "--allow-loopback-in-peer-connection",
                "--autoplay-policy=no-user-gesture-required",
                // A page in the background must go on decoding.
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
            ],
        });
        return new Browser(playwright, browser);
    }

    /// <summary>Opens the join page and enters the room.</summary>
    /// <param name="udp">False: as from a network that lets no UDP through.</param>
    /// <param name="relay">True: as from a network that lets nothing through but TURN.</param>
    /// <param name="query">More of the page's address, beginning with an ampersand.</param>
    public async Task<CallPage> JoinAsync(Uri web, string name, string room, bool udp = true, string query = "", bool relay = false)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { Permissions = ["camera", "microphone"] });
        return await CallPage.OpenAsync(context, new Uri(web, $"/?name={name}&room={room}&autojoin=1{query}"), name, udp, relay);
    }

    /// <summary>Opens the join page and stays before the call.</summary>
    public async Task<CallPage> OpenLobbyAsync(Uri web, string name, string room)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { Permissions = ["camera", "microphone"] });
        return await CallPage.OpenAsync(context, new Uri(web, $"/?name={name}&room={room}"), name);
    }

    /// <summary>A page of the server's own origin with nothing on it.</summary>
    public async Task<WhipPage> OpenBlankAsync(Uri server)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { Permissions = ["camera", "microphone"] });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(server, "/health").AbsoluteUri);
        return new WhipPage(page);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
