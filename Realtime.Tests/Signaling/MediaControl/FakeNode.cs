using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>A media node as the contract describes it, on a real HTTP/2 port, that does what the test says.</summary>
sealed class FakeNode : IAsyncDisposable
{
    public static readonly string Secret = new('k', 32);
    readonly WebApplication _app;
    readonly ConcurrentDictionary<Channel<MediaEvent>, byte> _readers = [];
    volatile string _boot = Guid.CreateVersion7().ToString("N");

    FakeNode(string node)
    {
        Node = node;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(static one => one.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapPost("/control/v1/{command}", AnswerAsync);
        _app.MapGet(MediaRoutes.Events, StreamAsync);
    }

    public string Node { get; }
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    public ConcurrentQueue<(string Route, JsonElement Body)> Commands { get; } = [];

    /// <summary>What to answer; null: the default success.</summary>
    public Func<string, JsonElement, IResult?> Answer { get; set; } = static (_, _) => null;

    /// <summary>False: the streams go on, but nothing is said any more.</summary>
    public bool Beats { get; set; } = true;

    /// <summary>With each heartbeat, and with a new stream's snapshot.</summary>
    public NodeLoad Load { get; set; } = new(0, 0, 0, 0, 0, 0, false);

    /// <summary>Of the snapshot that begins a stream.</summary>
    public IReadOnlyList<RoomSnapshot> Rooms { get; set; } = [];

    /// <summary>Dies and is there again as another process, which has no rooms.</summary>
    public void Reboot()
    {
        _boot = Guid.CreateVersion7().ToString("N");
        Reopen();
    }

    /// <summary>The streams break; new ones are answered.</summary>
    public void Reopen()
    {
        foreach (var reader in _readers.Keys)
            reader.Writer.TryComplete();
    }

    public IEnumerable<JsonElement> Received(string route) => Commands.Where(one => one.Route == route).Select(one => one.Body);

    public static async Task<FakeNode> StartAsync(string node)
    {
        var fake = new FakeNode(node);
        await fake._app.StartAsync();
        return fake;
    }

    public void Tell(MediaEvent message)
    {
        foreach (var reader in _readers.Keys)
            reader.Writer.TryWrite(message);
    }

    async Task<IResult> AnswerAsync(HttpContext context, string command)
    {
        if (!Authorized(context))
            return Results.Unauthorized();
        var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
        var route = $"/control/v1/{command}";
        Commands.Enqueue((route, body));
        if (Answer(route, body) is { } answer)
            return answer;
        return route switch
        {
            MediaRoutes.Join => Results.Json(new JoinPeerResult([], []), ContractsJson.Options),
            MediaRoutes.Relay => Results.Json(new RelayResult("127.0.0.1:40000"), ContractsJson.Options),
            MediaRoutes.Negotiate => Results.Json(new NegotiatePeerResult("answer"), ContractsJson.Options),
            _ => Results.Json(new Done(), ContractsJson.Options),
        };
    }

    async Task StreamAsync(HttpContext context)
    {
        if (!Authorized(context))
        {
            context.Response.StatusCode = 401;
            return;
        }

        var reader = System.Threading.Channels.Channel.CreateUnbounded<MediaEvent>();
        reader.Writer.TryWrite(new SnapshotEvent(new NodeSnapshot(Node, _boot, Load, Rooms)));
        _readers[reader] = 0;
        var seq = 0L;
        try
        {
            while (true)
            {
                using var beat = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
                beat.CancelAfter(100);
                MediaEvent next;
                try
                {
                    next = await reader.Reader.ReadAsync(beat.Token);
                }
                catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
                {
                    if (!Beats)
                        continue;
                    next = new HeartbeatEvent(Load);
                }

                await context.Response.WriteAsync(JsonSerializer.Serialize(next with { Boot = _boot, Seq = ++seq }, ContractsJson.Options) + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ChannelClosedException)
        {
            _readers.TryRemove(reader, out _);
            if (ended is ChannelClosedException)
                context.Abort();
        }
    }

    bool Authorized(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token]
        && Hs256Jwt.Verify(token, [System.Text.Encoding.UTF8.GetBytes(Secret)], DateTimeOffset.UtcNow, out _, audience: Node, issuer: "signaling") == JwtFailure.None;

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
