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
/// The hub's endpoint: WebSockets only, a connection id binds to no replica, and every connection's output goes through its lanes
/// (<c>MapConnections(… b.Use(lanes).UseHub())</c>).
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
            // Longer than the 15 s at which stock clients ping, and short enough that a silent loss and the lease together stay below 30 s.
            options.ClientTimeoutInterval = TimeSpan.FromSeconds(18);
            options.HandshakeTimeout = TimeSpan.FromSeconds(10);
            options.EnableDetailedErrors = false;
            options.StreamBufferCapacity = 1;
            options.AddFilter<ErrorFilter>();
            options.AddFilter<LimitFilter>();
        }).AddJsonProtocol(static options =>
        {
            ContractsJson.Apply(options.PayloadSerializerOptions);
            options.PayloadSerializerOptions.AllowDuplicateProperties = false;
        });
        services.AddSingleton<IHubProtocol, GuardedJsonProtocol>();
        services.AddSingleton<ErrorFilter>();
        services.AddSingleton<LimitFilter>();
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
        if (!http.WebSockets.IsWebSocketRequest)
            return next(http);
        if (connections.IsFull)
            return Refusals.WriteAsync(http, new RealtimeError(ErrorCode.Unavailable, "This replica is full.", RetryAfterMs: Random.Shared.Next(1000, 5000)));
        // Without an id the dispatcher makes a connection on the spot, so one from any replica's negotiate is as good as none.
        if (http.Request.Query.ContainsKey("id"))
            http.Request.QueryString = QueryString.Create(http.Request.Query.Where(static pair => pair.Key != "id"));
        if (http.Features.Get<IHttpWebSocketFeature>() is { } webSockets)
            http.Features.Set<IHttpWebSocketFeature>(new ObservedWebSocketFeature(webSockets));
        return next(http);
    }

    static async Task RunAsync(IServiceProvider services, HubConnections connections, ConnectionContext connection, ConnectionDelegate next)
    {
        var http = connection.GetHttpContext();
        if (http is null || TokenIdentity.Of(http.User) is not { } token)
        {
            connection.Abort();
            return;
        }
        var time = services.GetRequiredService<TimeProvider>();
        var lanes = new ConnectionLanes(connection.Transport.Output, time) { Aborted = connection.Abort };
        var hub = new HubConnection(connection.ConnectionId, token, ClientKey.Of(http.Connection.RemoteIpAddress), lanes, time.GetUtcNow());
        if (!connections.TryAdd(hub))
        {
            connection.Abort();
            return;
        }
        connection.Features.Set(hub);
        connection.Transport = new LaneDuplexPipe(new ClosingPipeReader(connection.Transport.Input, () => hub.ClosedByClient = ObservedWebSocketFeature.ClosedByPeer(http)), new LanePipeWriter(lanes));
        try
        {
            await using var pump = services.GetRequiredService<Supervisor>().Start(new GuardedContext("hub", "lanes", token.User), lanes.RunAsync);
            await next(connection);
        }
        finally
        {
            connections.Remove(hub);
        }
    }
}
