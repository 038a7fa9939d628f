using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Control;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Hosting;

/// <summary>
/// Two people join, offer and leave once, over the node's own control port, before it says that it is ready: everything a call needs is compiled and loaded then. Without it the first
/// people of a node, which after another node's death are a whole call at once, wait for that. When it fails the node starts all the same; the fault is reported.
/// </summary>
sealed class Rehearsal(IServer server, MediaOptions options, Guarded guarded, TimeProvider time) : IHostedLifecycleService
{
    public const string Room = "~rehearsal";

    static readonly TimeSpan AtMost = TimeSpan.FromSeconds(10);

    static readonly string[] People = ["first", "second"];

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AtMost);
        var context = new GuardedContext("media", "rehearse");
        try
        {
            await guarded.RunAsync(context, PlayAsync, deadline.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            guarded.Fail(context, new TimeoutException($"The rehearsal took more than {AtMost}.", late));
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task PlayAsync(CancellationToken cancellation)
    {
        if (Address() is not { } control) return;
        Precompilation.Run(cancellation);
        using var http = new HttpClient { BaseAddress = control, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServiceGate.SignToken(options.Node, options.ControlSecret, time));
        foreach (var person in People) await PostAsync(http, MediaRoutes.Join, new JoinPeerCommand(NextId(), Room, 1, person, person, person, Publish: true, Subscribe: true), cancellation);
        foreach (var person in People) await PostAsync(http, MediaRoutes.Negotiate, new NegotiatePeerCommand(NextId(), Room, 1, person, Offer, [new TrackLabel("0", "microphone")]), cancellation);
        foreach (var person in People) await PostAsync(http, MediaRoutes.Leave, new LeavePeerCommand(NextId(), Room, 1, person, LeaveReason.Left), cancellation);
    }

    static async Task PostAsync<T>(HttpClient http, string route, T command, CancellationToken cancellation)
    {
        using var response = await http.PostAsJsonAsync(route, command, ContractsJson.Options, cancellation);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{route} was answered with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
    }

    /// <summary>The control port as it was bound; null in a host that has none (tests on a server in memory).</summary>
    Uri? Address()
    {
        foreach (var text in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            var address = BindingAddress.Parse(text);
            if (address.Port != options.ControlPort || options.ControlPort == 0) continue;
            return new UriBuilder(Uri.UriSchemeHttp, IPAddress.IsLoopback(options.Bind) ? options.Bind.ToString() : IPAddress.Loopback.ToString(), address.Port).Uri;
        }

        return null;
    }

    static string NextId() => Guid.CreateVersion7().ToString("N");

    /// <summary>A microphone and a camera to send, and as many to receive, as a browser writes them.</summary>
    static string Offer { get; } = string.Join("\r\n",
    [
        "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1 2 3", "a=extmap-allow-mixed", "a=msid-semantic: WMS *",
        .. Section(0, "sendonly", "a=ssrc:1 cname:rehearsal"), .. Section(1, "sendonly", "a=ssrc-group:FID 2 3", "a=ssrc:2 cname:rehearsal", "a=ssrc:3 cname:rehearsal"),
        .. Section(2, "recvonly"), .. Section(3, "recvonly"), "",
    ]);

    static IEnumerable<string> Section(int mid, string direction, params string[] sources)
    {
        var isVideo = mid % 2 == 1;
        string[] codecs = isVideo
            ? ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 ccm fir", "a=rtcp-fb:96 transport-cc", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
            : ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtcp-fb:111 transport-cc"];
        return
        [
            isVideo ? "m=video 9 UDP/TLS/RTP/SAVPF 96 97" : "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:reha",
            "a=ice-pwd:rehearsalrehearsalrehear", "a=ice-options:trickle",
            "a=fingerprint:sha-256 " + string.Join(':', Enumerable.Repeat("AB", 32)), "a=setup:actpass", $"a=mid:{mid}",
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", $"a={direction}", "a=rtcp-mux",
            .. codecs, .. sources,
        ];
    }
}
