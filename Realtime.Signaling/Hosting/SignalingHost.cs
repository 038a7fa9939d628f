using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;
using Realtime.ServiceDefaults.Http;
using Realtime.Signaling.Access;
using Realtime.Signaling.Admin;
using Realtime.Signaling.Api;
using Realtime.Signaling.Attachments;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Hubs;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.People;
using Realtime.Signaling.Rooms;
using Realtime.Signaling.Sessions;
using Realtime.Signaling.Webhooks;
using Realtime.Signaling.Whip;

namespace Realtime.Signaling.Hosting;

/// <summary>Puts the service together. Tests build it too, with their own configuration.</summary>
public static class SignalingHost
{
    /// <summary>Larger REST bodies are refused unread.</summary>
    const int MaxRequestBytes = 256 * 1024;

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        // Refusals are answers, and faults are reported by the hub's filter: SignalR would log each with its stack again.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None);
        AddOptions(builder);
        AddData(builder);
        AddFanout(builder);
        builder.AddAccess();
        builder.AddMediaControl();
        AddSessions(builder);
        builder.AddPeople();
        builder.AddWhip();
        builder.AddAttachments();
        builder.AddWebhooks();
        builder.AddConsole();
        AddHttp(builder);
        var app = builder.Build();
        Use(app);
        return app;
    }

    static void AddOptions(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<AuthOptions>, AuthOptions.Defaults>();
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptions.Validator>();
        services.AddOptions<NetworkOptions>().BindConfiguration(NetworkOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NetworkOptions>, NetworkOptions.Validator>();
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptions.Validator>();
        builder.AddLimits();
    }

    static void AddData(WebApplicationBuilder builder)
    {
        builder.AddNpgsqlDbContext<RealtimeDbContext>(
            Database.ConnectionName,
            static settings =>
            {
                // The health of Postgres is a mode here, not a reason to be taken out; retries are the supervisor's.
                settings.DisableHealthChecks = true;
                settings.DisableRetry = true;
            },
            // The migrations are written by hand; there is no snapshot to compare the model with.
            static options => options.ConfigureWarnings(static warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)));
        var services = builder.Services;
        services.AddSingleton<ReplicaIdentity>();
        services.AddSingleton<Database>();
        services.AddSingleton<MessageStore>();
        services.AddSingleton<ChannelEventStore>();
        services.AddSingleton<MessageChangeStore>();
        services.AddSingleton<ReadMarkStore>();
        services.AddSingleton<OutboxReader>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<ReplicaStore>();
        services.AddSingleton<RevocationStore>();
        services.AddSingleton<IPlacementStore, PlacementStore>();
        services.AddSingleton<IPendingLeaves, LeaveStore>();
        services.AddSingleton<CrashReportStore>();
        services.AddSingleton<CrashReportReader>();
        AddLoop<NodeCrashes>(services);
        services.AddSingleton<ICrashSink>(static provider => provider.GetRequiredService<CrashReportStore>());
        AddLoop<Migrator>(services);
    }

    static void AddFanout(WebApplicationBuilder builder)
    {
        builder.AddRedisClient("redis", static settings => settings.DisableHealthChecks = true, static options =>
        {
            options.AbortOnConnectFail = false;
            // The circuit decides when Redis is away; calls must not queue up behind a dead connection meanwhile.
            options.BacklogPolicy = StackExchange.Redis.BacklogPolicy.FailFast;
            // One connection per replica, and the probe needs it to see that Redis is back.
            options.ReconnectRetryPolicy = new StackExchange.Redis.LinearRetry(1000);
        });
        var services = builder.Services;
        services.AddSingleton<OutboxNudge>();
        services.AddSingleton<HistoryReader>();
        services.AddSingleton<MemberIndex>();
        services.AddSingleton<FeedRepairQueue>();
        services.AddSingleton<ChannelFeeds>();
        services.AddSingleton<MessageAppender>();
        services.AddSingleton<MessageChanger>();
        AddLoop<RedisNews>(services);
        AddLoop<FeedRepair>(services);
        AddLoop<FeedBeat>(services);
        AddLoop<RedisProbe>(services);
        AddLoop<DatabaseProbe>(services);
        AddLoop<OutboxTail>(services);
        services.AddSingleton<IOutboxConsumer, ChannelNews>();
    }

    static void AddSessions(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<KeyRing>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<Revocations>());
        builder.AddGuard();
        services.AddSingleton<UserTokens>();
        services.AddSingleton<ResumeTokens>();
        services.AddSingleton<OriginPolicy>();
        services.AddSingleton<HubConnections>();
        services.AddSingleton<ISessionOutput, SessionOutput>();
        services.AddSingleton<ISessionRooms, SessionRooms>();
        services.AddSingleton<SessionService>();
        services.AddSingleton<ChannelService>();
        services.AddSingleton<MessageChecks>();
        services.AddSingleton<MessageEditing>();
        AddLoop<ReadMarks>(services);
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<ReadMarks>());
        services.AddSingleton<SessionTaken>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<SessionTaken>());
        AddLoop<SessionKeeper>(services);
        AddLoop<ConnectionWatch>(services);
        AddLoop<Housekeeping>(services);
        AddLoop<ModeMonitor>(services);
        services.AddSingleton<IOperatingMode>(static provider => provider.GetRequiredService<ModeMonitor>());
        services.AddHostedService<ConnectionDrain>();
    }

    static void AddHttp(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        });
        // Thousands who lost another replica come within the same second: who finds no place in here tries again only after one second, then three.
        services.Configure<SocketTransportOptions>(static sockets => sockets.Backlog = 4096);
        services.ConfigureHttpJsonOptions(static options => ContractsJson.Apply(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ApiErrors>();
        builder.AddApiPlumbing();
        services.AddAuthentication(BearerHandler.Scheme).AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.Scheme, null);
        services.AddAuthorization(Policies.Configure);
        services.AddCors();
        services.AddRealtimeHub();
        services.AddSingleton<AdminSnapshots>();
        services.AddSingleton<SocketMetrics>();
        services.AddSingleton<GuardMetrics>();
        AddLoop<AlertWatch>(services);
        services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(15));
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<NetworkOptions>>(TrustProxies);
    }

    static void Use(WebApplication app)
    {
        var origins = app.Services.GetRequiredService<OriginPolicy>();
        app.UseForwardedHeaders();
        // A connection to the hub answers by itself, and every frame on its way in is kept as long as it lasts.
        app.UseWhen(static http => !HubEndpoint.IsUpgrade(http), static answered =>
        {
            answered.UseExceptionHandler(static _ => { });
            answered.UseProblemPages();
        });
        app.UseSecurityHeaders();
        app.UseWhipDiscovery();
        app.UseCors(policy => policy.SetIsOriginAllowed(origins.Allows).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("Location", "ETag", "Link", "Accept-Patch", "Accept-Post", "Retry-After"));
        app.UseHubLanes();
        app.UseWebSockets();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseOperatorForward();
        app.UseApiPlumbing();
        app.MapDefaultEndpoints();
        app.MapApi();
        app.MapApiPlumbing();
        app.MapOperations();
        app.MapConsole();
        app.MapCrashes();
        app.MapRealtimeHub();
        app.MapWhip();
        app.MapAttachments();
        app.MapWebhooks();
        app.MapDeliveries();
    }

    static void TrustProxies(ForwardedHeadersOptions options, IOptions<NetworkOptions> network)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.ForwardLimit = null;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in network.Value.Proxies)
        {
            if (System.Net.IPAddress.TryParse(proxy, out var address))
                options.KnownProxies.Add(address);
            else
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }
        // Nobody is trusted: then nobody's header is read. (Empty lists would mean everybody.)
        if (options.KnownProxies.Count + options.KnownIPNetworks.Count == 0)
            options.ForwardedHeaders = ForwardedHeaders.None;
    }

    static void AddLoop<T>(IServiceCollection services) where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
    }
}
