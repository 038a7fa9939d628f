using System.Net;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aspire.Hosting.Runner;

/// <summary>
/// The one address of a replicated resource: an HTTP/1.1 reverse proxy that gives each request, and each WebSocket for its whole
/// life, to the next live replica, and to another one when the first cannot be reached.
/// </summary>
internal sealed class ReplicaFront : IAsyncDisposable
{
    /// <summary>Above it Kestrel closes new connections at once.</summary>
    private const int MostConnections = 20_000;

    private static readonly TimeSpan _headersWithin = TimeSpan.FromSeconds(100);

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60)
    });

    private readonly Func<IReadOnlyList<Uri>> _live;
    private IAsyncDisposable? _server;
    private uint _turn;
    private uint _socketTurn;

    private ReplicaFront(Func<IReadOnlyList<Uri>> live) => _live = live;

    public static Task<IAsyncDisposable> StartAsync(EndpointAnnotation endpoint, IReadOnlyList<ResourceInstance> replicas, ResourceNotificationService notifications)
        => StartAsync(endpoint.AllocatedEndpoint!.Port, () => LiveReplicas.Of(endpoint, replicas, notifications));

    public static async Task<IAsyncDisposable> StartAsync(int port, Func<IReadOnlyList<Uri>> live)
    {
        var front = new ReplicaFront(live);
        front._server = await LoopbackServer.StartAsync(options => Configure(options, port), front.HandleAsync);
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _client.Dispose();
    }

    private static void Configure(KestrelServerOptions options, int port)
    {
        options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxConcurrentUpgradedConnections = MostConnections;
        options.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        // Bodies stream through; their size is the service's to limit.
        options.Limits.MaxRequestBodySize = null;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var live = _live();
        // A turn of their own: a client that makes one request before each WebSocket would otherwise meet the same replica every time.
        var first = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } ? Interlocked.Increment(ref _socketTurn) : Interlocked.Increment(ref _turn);
        for (var attempt = 0; attempt < live.Count; attempt++)
        {
            try
            {
                await ForwardAsync(context, live[(int)((first + (uint)attempt) % (uint)live.Count)]);
                return;
            }
            catch (HttpRequestException failure) when (!context.Response.HasStarted && IsUntouched(context, failure))
            {
                // This replica has seen nothing of the request: the next one gets it.
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
            {
                Fail(context, StatusCodes.Status502BadGateway);
                return;
            }
        }

        context.Response.Headers.RetryAfter = "1";
        Fail(context, StatusCodes.Status503ServiceUnavailable);
    }

    private async Task ForwardAsync(HttpContext context, Uri replica)
    {
        using var request = ForwardedRequest.Create(context, replica);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(_headersWithin);
        using var response = await _client.SendAsync(request, patience.Token);
        patience.CancelAfter(Timeout.InfiniteTimeSpan);

        context.Response.StatusCode = (int)response.StatusCode;
        ForwardedRequest.CopyHeaders(response, context.Response);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            await using var upstream = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            await using var downstream = await upgrade.UpgradeAsync();
            await DuplexCopy.RunAsync(downstream, upstream, context.RequestAborted);
            return;
        }

        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>Whether trying elsewhere can do no harm: never connected, or a request without body and effect.</summary>
    private static bool IsUntouched(HttpContext context, HttpRequestException failure)
        => !context.RequestAborted.IsCancellationRequested
            && (failure.HttpRequestError == HttpRequestError.ConnectionError || HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));

    private static void Fail(HttpContext context, int status)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
    }
}
