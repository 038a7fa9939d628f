using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>
/// One Firefox with fake devices, driven over WebDriver BiDi (Playwright's own Firefox is a download; the system's is not driven by it). One person at the join
/// page: a profile that is made for it and deleted with it.
/// </summary>
public sealed partial class Firefox : IAsyncDisposable
{
    static readonly string[] s_paths = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

    static readonly Dictionary<string, object> s_preferences = new()
    {
        ["media.navigator.streams.fake"] = true,
        ["media.navigator.permission.disabled"] = true,
        // Everything here is on 127.0.0.1, and candidates are to be plain addresses.
        ["media.peerconnection.ice.loopback"] = true,
        ["media.peerconnection.ice.obfuscate_host_addresses"] = false,
        ["media.autoplay.default"] = 0,
        ["media.autoplay.blocking_policy"] = 0,
        // Nothing is fetched.
        ["app.update.auto"] = false,
        ["browser.shell.checkDefaultBrowser"] = false,
        ["datareporting.policy.dataSubmissionEnabled"] = false,
        ["media.gmp-manager.updateEnabled"] = false,
        ["network.captive-portal-service.enabled"] = false,
        ["network.connectivity-service.enabled"] = false,
        ["toolkit.telemetry.enabled"] = false,
    };

    readonly string _profile = Path.Combine(Path.GetTempPath(), $"realtime-firefox-{Guid.NewGuid():N}");
    ChildProcess? _process;
    BidiConnection? _connection;
    string _context = "";

    Firefox(string name) => Name = name;

    public string Name { get; }

    public static bool IsInstalled => Executable() is not null;

    /// <summary>Opens the join page and enters the room.</summary>
    /// <param name="preferences">Besides those every test needs.</param>
    public static async Task<Firefox> JoinAsync(Uri web, string name, string room, string query = "", IReadOnlyDictionary<string, object>? preferences = null)
    {
        var firefox = new Firefox(name);
        try
        {
            await firefox.StartAsync(preferences ?? new Dictionary<string, object>());
            await firefox.NavigateAsync(new Uri(web, $"/?name={name}&room={room}&autojoin=1{query}"));
            await Eventually.TrueAsync(async () => await firefox.EvaluateAsync(CallPage.InCallScript) == "true", TimeSpan.FromSeconds(60), $"{name} gets into the call");
            return firefox;
        }
        catch
        {
            await firefox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Null until there is a peer connection.</summary>
    public async Task<CallStats?> StatsAsync() =>
        await EvaluateAsync(CallPage.StatsScript) is { } json ? JsonSerializer.Deserialize<CallStats>(json, ContractsJson.Options) : null;

    public Task<string?> EvaluateAsync(string function) => _connection!.EvaluateAsync(_context, function);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        if (Directory.Exists(_profile))
            Directory.Delete(_profile, recursive: true);
    }

    async Task StartAsync(IReadOnlyDictionary<string, object> preferences)
    {
        Directory.CreateDirectory(_profile);
        await File.WriteAllLinesAsync(
            Path.Combine(_profile, "user.js"),
            s_preferences.Concat(preferences).Select(pair => $"user_pref({JsonSerializer.Serialize(pair.Key)}, {JsonSerializer.Serialize(pair.Value)});"));
        var path = Executable() ?? throw new InvalidOperationException("There is no Firefox: install firefox-esr.");
        _process = ChildProcess.Start(path, ["--headless", "--no-remote", "--profile", _profile, "--remote-debugging-port", "0"]);
        await Eventually.TrueAsync(() => _process.HasExited || Listening().IsMatch(_process.Output), TimeSpan.FromSeconds(60), "Firefox listens for WebDriver BiDi");
        if (_process.HasExited)
            throw new InvalidOperationException($"Firefox ended.\n{_process.Output}");
        _connection = await BidiConnection.OpenAsync(new Uri($"{Listening().Match(_process.Output).Groups[1].Value}/session"));
        var tree = await _connection.CallAsync("browsingContext.getTree", []);
        _context = (string)tree["contexts"]![0]!["context"]!;
    }

    Task NavigateAsync(Uri uri) => _connection!.CallAsync("browsingContext.navigate", new JsonObject { ["context"] = _context, ["url"] = uri.AbsoluteUri, ["wait"] = "interactive" });

    static string? Executable() => Environment.GetEnvironmentVariable("FIREFOX_PATH") ?? s_paths.FirstOrDefault(File.Exists);

    [GeneratedRegex(@"WebDriver BiDi listening on (ws://\S+)")]
    private static partial Regex Listening();
}
