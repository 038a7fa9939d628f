using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// The hub's endpoint: WebSockets only, a connection id binds to no replica, and every connection's output goes through its lanes, SignalR's
/// (<c>MapConnections(… b.Use(lanes).UseHub())</c>) and its WebSocket's (<see cref="LaneUpgrade"/>).
/// </summary>
public static class HubEndpoint
{
    public static void AddRealtimeHub(this IServiceCollection services)
    {
        services.AddConnections();
        services.AddSignalR(static options =>
        {
            options.MaximumReceiveMessageSize = GuardedJsonProtocol.MaxMessageBytes;
            // One call after the other: that is what keeps one sender's messages in order.
            options.MaximumParallelInvocationsPerClient = 1;
            options.KeepAliveInterval = TimeSpan.FromSeconds(5);
            // Behind SessionRules.SilentAtMost, which tells the client why.
            options.ClientTimeoutInterval = SessionRules.SilentAtMost + TimeSpan.FromSeconds(4);
            options.HandshakeTimeout = TimeSpan.FromSeconds(10);
            options.EnableDetailedErrors = false;
            options.StreamBufferCapacity = 1;
            options.AddFilter<CallCounter>();
            options.AddFilter<ErrorFilter>();
            options.AddFilter<LimitFilter>();
        }).AddJsonProtocol(static options =>
        {
            ContractsJson.Apply(options.PayloadSerializerOptions);
            options.PayloadSerializerOptions.AllowDuplicateProperties = false;
            options.PayloadSerializerOptions.MaxDepth = GuardedJsonProtocol.MaxDepth;
        });
        services.AddSingleton<IHubProtocol, GuardedJsonProtocol>();
        services.AddSingleton<CallCounter>();
        services.AddSingleton<ErrorFilter>();
        services.AddSingleton<LimitFilter>();
    }

    /// <summary>Before <c>UseWebSockets</c>: an upgraded connection writes through its lanes.</summary>
    public static void UseHubLanes(this WebApplication app)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var supervisor = app.Services.GetRequiredService<Supervisor>();
        LaneRunner runner = loop => TryStart(supervisor, loop);
        app.Use((http, next) =>
        {
            if (http.Request.Path.StartsWithSegments(BearerHandler.HubPath))
                LaneUpgrade.Prepare(http, time, runner);
            return next(http);
        });
    }

    /// <summary>Whether the request is to become a connection.</summary>
    public static bool IsUpgrade(HttpContext http) =>
        http.Request.Path.StartsWithSegments(BearerHandler.HubPath) && http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    static bool TryStart(Supervisor supervisor, Func<CancellationToken, Task> loop)
    {
        try
        {
            supervisor.Start(new GuardedContext("hub", "lanes"), loop);
            return true;
        }
        catch (InvalidOperationException)
        {
            // The host has stopped: connections end with it.
            return false;
        }
    }

    public static void MapRealtimeHub(this WebApplication app)
    {
        var connections = app.Services.GetRequiredService<HubConnections>();
        app.UseWhen(static http => http.Request.Path.StartsWithSegments(BearerHandler.HubPath), branch =>
        {
            branch.Use((http, next) => Gate(http, next, connections));
        });
        var options = new HttpConnectionDispatcherOptions
        {
            Transports = HttpTransportType.WebSockets,
            ApplicationMaxBufferSize = GuardedJsonProtocol.MaxMessageBytes,
            TransportMaxBufferSize = 64 * 1024,
            // Behind SessionRules.SlowAtMost, which knows what to call it.
            TransportSendTimeout = SessionRules.SlowAtMost + TimeSpan.FromSeconds(5),
        };
        options.WebSockets.CloseTimeout = TimeSpan.FromSeconds(5);
        app.MapConnections(
            BearerHandler.HubPath, options,
            builder => builder.Use(next => connection => RunAsync(app.Services, connections, connection, next)).UseHub<RealtimeHub>())
            .RequireAuthorization();
    }

    /// <summary>Before the endpoint: origin, capacity, and the id that a negotiate on another replica gave out.</summary>
    static Task Gate(HttpContext http, RequestDelegate next, HubConnections connections)
    {
        if (!http.RequestServices.GetRequiredService<OriginPolicy>().Allows(http.Request.Headers.Origin.ToString()))
            return Refusals.WriteAsync(http, new RealtimeError(ErrorCode.Forbidden, "This origin is not allowed."));
        if (connections.IsFull)
            return Refusals.WriteAsync(http, new RealtimeError(ErrorCode.Unavailable, "This replica is full.", RetryAfterMs: Random.Shared.Next(1000, 5000)));
        // A negotiate costs as much: the dispatcher keeps a connection for each.
        if (!HttpMethods.IsOptions(http.Request.Method) && Refuse(http) is { } refusal)
            return Refusals.WriteAsync(http, refusal);
        if (!http.WebSockets.IsWebSocketRequest)
            return next(http);
        // Without an id the dispatcher makes a connection on the spot, so one from any replica's negotiate is as good as none.
        if (http.Request.Query.ContainsKey("id"))
            http.Request.QueryString = QueryString.Create(http.Request.Query.Where(static pair => pair.Key != "id"));
        if (http.Features.Get<IHttpWebSocketFeature>() is { } webSockets)
            http.Features.Set<IHttpWebSocketFeature>(new ObservedWebSocketFeature(webSockets, http.Features.Get<LaneUpgrade>()));
        return next(http);
    }

    /// <summary>Nobody who is kept out, no storm of one user's connections, and nobody at all where everybody is about to leave.</summary>
    static RealtimeError? Refuse(HttpContext http)
    {
        var services = http.RequestServices;
        if (services.GetRequiredService<Admission>().RefuseUpgrade() is { } leaving)
            return leaving.Error;
        if (TokenIdentity.Of(http.User) is not { } token)
            return null;
        if (services.GetRequiredService<Quarantines>().Refuse(QuarantineKind.User, token.User) is { } kept)
            return kept;
        return services.GetRequiredService<Limits>()[LimitName.Connections].TryAdmit(token.User, services.GetRequiredService<TimeProvider>().GetUtcNow(), out var wait)
            ? null : LimitGate.Refusal(LimitName.Connections, wait).Error;
    }

    static async Task RunAsync(IServiceProvider services, HubConnections connections, ConnectionContext connection, ConnectionDelegate next)
    {
        var http = connection.GetHttpContext();
        if (http is null || TokenIdentity.Of(http.User) is not { } token || await LanesOf(http, connection.ConnectionClosed) is not { } lanes)
        {
            connection.Abort();
            return;
        }
        var time = services.GetRequiredService<TimeProvider>();
        var output = connection.Transport.Output;
        (lanes.Aborted, lanes.Finished) = (connection.Abort, () => output.Complete());
        var hub = new HubConnection(connection.ConnectionId, token, ClientKey.Of(http.Connection.RemoteIpAddress), lanes, time.GetUtcNow());
        if (!connections.TryAdd(hub))
        {
            connection.Abort();
            return;
        }
        connection.Features.Set(hub);
        var conduct = services.GetRequiredService<ConductWatch>();
        hub.Incoming = new IncomingMeter(connection.Transport.Input, services.GetRequiredService<Limits>(), GuardedJsonProtocol.MaxMessageBytes, time, sign => Notice(hub, http, conduct, sign));
        connection.Transport = new LaneDuplexPipe(hub.Incoming, new LanePipeWriter(lanes));
        ForgetToken(http);
        try
        {
            await next(connection);
            // Watched until its last bytes are out: a reader too slow for that is let go.
            await lanes.EndAsync();
        }
        finally
        {
            connections.Remove(hub);
        }
    }

    static void Notice(HubConnection hub, HttpContext http, ConductWatch conduct, IncomingSign sign)
    {
        switch (sign)
        {
            case IncomingSign.Ended:
                hub.ClosedByClient |= ObservedWebSocketFeature.ClosedByPeer(http);
                break;
            case IncomingSign.Farewell:
                hub.ClosedByClient = true;
                break;
            case IncomingSign.Flooded:
                conduct.Flooded(hub);
                break;
            default:
                conduct.Broke(hub);
                break;
        }
    }

    /// <summary>The token has been read: neither it nor what was parsed of the address is kept as long as the connection.</summary>
    static void ForgetToken(HttpContext http)
    {
        http.Request.QueryString = QueryString.Empty;
        http.Features.Set<IQueryFeature>(null);
        // The request remembers what it gave out until it is asked again.
        _ = http.Request.Query.Count;
        http.Features.Set<IAuthenticateResultFeature>(null);
        if (http.Features.Get<IHttpRequestFeature>() is { } request)
            request.RawTarget = request.Path;
    }

    /// <summary>Null: it was not upgraded after all.</summary>
    static async Task<ConnectionLanes?> LanesOf(HttpContext http, CancellationToken closed)
    {
        if (http.Features.Get<LaneUpgrade>() is not { } upgrade)
            return null;
        try
        {
            return await upgrade.Lanes.WaitAsync(closed);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
