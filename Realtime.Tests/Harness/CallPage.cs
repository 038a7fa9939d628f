using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>A received stream as <c>getStats</c> tells of it.</summary>
public sealed record InboundStream(string Mid, string Kind, long FramesDecoded, int Width, int Height, double AudioEnergy, long Packets, long Lost, long Keyframes, long KeyframeRequests, double FreezeSeconds, string? Codec = null, long RtxSsrc = 0, long FreezeCount = 0, long Samples = 0, long Concealed = 0);

/// <summary>The peer connection of a page.</summary>
/// <param name="Protocol">Of the selected candidate pair: udp or tcp.</param>
/// <param name="Local">Of its own candidate: host, srflx, prflx or relay.</param>
public sealed record CallStats(string DtlsState, string? SrtpCipher, string? Protocol, IReadOnlyList<InboundStream> Inbound, string? Local = null)
{
    public IEnumerable<InboundStream> Video => Inbound.Where(stream => stream.Kind == "video");

    public IEnumerable<InboundStream> Audio => Inbound.Where(stream => stream.Kind == "audio");
}

/// <summary>One person at the join page.</summary>
public sealed partial class CallPage : IAsyncDisposable
{
    const int MaxConsoleLines = 500;

    // Through the page's own hook (window.__realtime), so that exactly what users run is looked at.
    internal const string StatsScript = """
        async () => {
          const connection = window.__realtime?.room?.peerConnection;
          if (!connection) return null;
          const stats = await connection.getStats();
          const all = [...stats.values()];
          const transport = all.find(report => report.type === 'transport');
          const pair = all.find(report => report.id === transport?.selectedCandidatePairId);
          return JSON.stringify({
            dtlsState: transport?.dtlsState ?? connection.connectionState,
            srtpCipher: transport?.srtpCipher ?? null,
            protocol: all.find(report => report.id === pair?.localCandidateId)?.protocol ?? null,
            local: all.find(report => report.id === pair?.localCandidateId)?.candidateType ?? null,
            inbound: all.filter(report => report.type === 'inbound-rtp').map(report => ({
              mid: report.mid, kind: report.kind, framesDecoded: report.framesDecoded ?? 0, width: report.frameWidth ?? 0, height: report.frameHeight ?? 0,
              audioEnergy: report.totalAudioEnergy ?? 0, packets: report.packetsReceived ?? 0, lost: report.packetsLost ?? 0, keyframes: report.keyFramesDecoded ?? 0, keyframeRequests: report.pliCount ?? 0, freezeSeconds: report.totalFreezesDuration ?? 0,
              codec: stats.get(report.codecId)?.mimeType ?? null, rtxSsrc: report.rtxSsrc ?? 0,
              freezeCount: report.freezeCount ?? 0, samples: report.totalSamplesReceived ?? 0, concealed: report.concealedSamples ?? 0,
            })),
          });
        }
        """;

    // As behind a firewall that lets no UDP through: the page never hears of the server's UDP candidates.
    const string NoUdpScript = """
        (() => {
          const set = RTCPeerConnection.prototype.setRemoteDescription;
          RTCPeerConnection.prototype.setRemoteDescription = function (description) {
            return set.call(this, { type: description.type, sdp: description.sdp.replace(/a=candidate:\S+ 1 udp [^\r\n]*\r\n/g, '') });
          };
        })()
        """;

    // As behind a firewall that lets nothing through but the way to a TURN server.
    const string RelayScript = """
        (() => {
          const relayed = configuration => ({ ...configuration, iceTransportPolicy: 'relay' });
          const set = RTCPeerConnection.prototype.setConfiguration;
          RTCPeerConnection.prototype.setConfiguration = function (configuration) { return set.call(this, relayed(configuration)); };
          window.RTCPeerConnection = new Proxy(RTCPeerConnection, { construct: (target, [configuration]) => new target(relayed(configuration)) });
        })()
        """;

    internal const string InCallScript = "() => String(document.querySelector('[data-testid=call]')?.checkVisibility() === true)";

    // Follows each of the others' pictures and remembers the longest time between two frames on screen.
    const string WatchScript = """
        () => {
          const watch = window.__watch = { connection: window.__realtime.room.peerConnection, longest: 0, steps: [] };
          const step = what => watch.steps.push(`${what} ${Math.round(Date.now() % 1e6)}`);
          const proto = RTCPeerConnection.prototype;
          for (const name of ['createOffer', 'setLocalDescription', 'setRemoteDescription']) {
            const original = proto[name];
            proto[name] = async function (...args) {
              if (name === 'createOffer') this.addEventListener('connectionstatechange', () => step(this.connectionState));
              step(`${name}…`);
              try { return await original.apply(this, args); } finally { step(`…${name}`); }
            };
          }
          for (const video of document.querySelectorAll('[data-testid=tile][data-own=false] [data-testid=tile-video]')) {
            let last = performance.now();
            const frame = now => {
              watch.longest = Math.max(watch.longest, now - last);
              if (now - last > 300) step(`picture after ${Math.round(now - last)}`);
              last = now;
              video.requestVideoFrameCallback(frame);
            };
            video.requestVideoFrameCallback(frame);
          }
        }
        """;

    // From the click on Join (or, where the page joins by itself, from its start) to the first frame of anybody else on screen.
    const string FirstPictureScript = """
        (() => {
          let joined = 0;
          addEventListener('submit', () => (joined = performance.now()), { capture: true });
          const look = () => {
            const videos = [...document.querySelectorAll('[data-testid=tile][data-own=false] [data-testid=tile-video]')];
            if (videos.some(video => video.videoWidth > 0 && video.currentTime > 0)) window.__firstPicture = performance.now() - joined;
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })()
        """;

    readonly IBrowserContext _context;
    readonly IPage _page;
    readonly ConcurrentQueue<string> _console = new();

    CallPage(IBrowserContext context, IPage page, string name)
    {
        _context = context;
        _page = page;
        Name = name;
        page.Console += (_, message) => Keep($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Keep($"uncaught: {error}");
    }

    public string Name { get; }

    /// <summary>For what only one test looks at.</summary>
    public IPage Page => _page;

    /// <summary>What the page wrote to its console, for a failing test.</summary>
    public string Console => string.Join('\n', _console);

    /// <summary>In the call when the address says so, otherwise in the lobby.</summary>
    public static async Task<CallPage> OpenAsync(IBrowserContext context, Uri uri, string name, bool udp = true, bool relay = false)
    {
        var page = new CallPage(context, await context.NewPageAsync(), name);
        await page._page.AddInitScriptAsync(FirstPictureScript);
        if (!udp) await page._page.AddInitScriptAsync(NoUdpScript);
        if (relay) await page._page.AddInitScriptAsync(RelayScript);
        await page._page.GotoAsync(uri.AbsoluteUri);
        if (uri.Query.Contains("autojoin=1", StringComparison.Ordinal))
            await page.InCallAsync();
        return page;
    }

    /// <summary>Joins from the lobby, once it stands: by a click, as a person does.</summary>
    public async Task ClickJoinAsync()
    {
        await _page.Locator("#lobby[data-ready=true]").WaitForAsync();
        await _page.WaitForFunctionAsync("() => document.getElementById('preview-video').videoWidth > 0");
        await _page.Locator("#join").ClickAsync();
        await InCallAsync();
    }

    /// <summary>Null until there is a peer connection.</summary>
    public async Task<CallStats?> StatsAsync() =>
        await _page.EvaluateAsync<string?>(StatsScript) is { } json ? JsonSerializer.Deserialize<CallStats>(json, ContractsJson.Options) : null;

    /// <summary>The names on the tiles of the others.</summary>
    public async Task<IReadOnlyList<string>> OthersAsync() =>
        [.. (await _page.EvalOnSelectorAllAsync<string[]>("[data-testid=tile][data-own=false]", "tiles => tiles.map(tile => tile.dataset.name)")).Order()];

    /// <summary>Width × height of the picture that each of the others' tiles shows; 0 while it shows none.</summary>
    public async Task<IReadOnlyList<int>> PicturesAsync() =>
        await _page.EvalOnSelectorAllAsync<int[]>("[data-testid=tile][data-own=false] [data-testid=tile-video]", "videos => videos.map(video => video.videoWidth * video.videoHeight)");

    /// <summary>From now on: the longest pause of a picture, and whether the peer connection stays the same.</summary>
    public Task WatchAsync() => _page.EvaluateAsync(WatchScript);

    /// <summary>From joining the room to the first picture of somebody else; asked once there is one.</summary>
    public async Task<TimeSpan> FirstPictureAfterAsync() => TimeSpan.FromMilliseconds(await _page.EvaluateAsync<double>("() => window.__firstPicture"));

    /// <summary>Since <see cref="WatchAsync"/>.</summary>
    public async Task<TimeSpan> LongestPauseAsync() => TimeSpan.FromMilliseconds(await _page.EvaluateAsync<double>("() => window.__watch.longest"));

    /// <summary>What its peer connections did since <see cref="WatchAsync"/>, and when.</summary>
    public Task<string> StepsAsync() => _page.EvaluateAsync<string>("() => window.__watch.steps.join(', ')");

    /// <summary>Whether it is connected over the peer connection it had at <see cref="WatchAsync"/>.</summary>
    public async Task<bool> KeptConnectionAsync() => await _page.EvaluateAsync<bool>(
        "() => window.__realtime?.room?.peerConnection === window.__watch.connection && window.__watch.connection.connectionState === 'connected'");

    /// <summary>The state of the connection to signaling, as the page shows it.</summary>
    public async Task<string?> SignalingStateAsync() => await _page.GetByTestId("connection").GetAttributeAsync("data-state");

    public async Task SayAsync(string text)
    {
        await _page.GetByTestId("chat-text").FillAsync(text);
        await _page.GetByTestId("chat-text").PressAsync("Enter");
    }

    /// <summary>The chat as it is shown: sequence number and text.</summary>
    public async Task<IReadOnlyList<string>> ChatAsync() =>
        await _page.EvalOnSelectorAllAsync<string[]>("[data-testid=message]", "entries => entries.filter(entry => entry.dataset.seq).map(entry => `${entry.dataset.seq} ${entry.querySelector('.text').textContent}`)");

    /// <summary>Reloads the page, which leads back into the same call.</summary>
    public async Task ReloadAsync()
    {
        await _page.ReloadAsync();
        await InCallAsync();
    }

    public Task ScreenshotAsync(string path) => _page.ScreenshotAsync(new PageScreenshotOptions { Path = path });

    /// <summary>The room as the page has it, for the output of a failing test.</summary>
    public Task<string> DescribeAsync() => _page.EvaluateAsync<string>(
        "() => { const room = window.__realtime?.room; return JSON.stringify({ state: room?.state, epoch: room?.epoch, connection: room?.peerConnection?.connectionState, tracks: room?.remoteTracks?.length }); }");

    /// <summary>Closes the tab, as a person does.</summary>
    public async ValueTask DisposeAsync()
    {
        await _page.CloseAsync(new PageCloseOptions { RunBeforeUnload = false });
        await _context.DisposeAsync();
    }

    async Task InCallAsync()
    {
        try
        {
            await _page.GetByTestId("call").WaitForAsync();
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{Name} did not get into the call.\n{Console}", exception);
        }
    }

    void Keep(string line)
    {
        if (_console.Count < MaxConsoleLines)
            _console.Enqueue(line);
    }
}
