using Realtime.ServiceDefaults.Http;
using Realtime.Web.Access;
using Realtime.Web.Actions;
using Realtime.Web.Components;
using Realtime.Web.Joining;
using Realtime.Web.Live;
using Realtime.Web.Operations;

namespace Realtime.Web;

/// <summary>What this service is made of, in the order in which a request meets it.</summary>
public static class WebSetup
{
    public static WebApplicationBuilder AddWeb(this WebApplicationBuilder builder)
    {
        builder.AddConsoleAccess();
        builder.AddJoining();
        builder.AddOperations();
        builder.AddActions();
        builder.AddLive();
        builder.Services.AddRazorComponents();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(15));
        return builder;
    }

    public static WebApplication UseWeb(this WebApplication app)
    {
        app.UseTrustedProxies();
        app.UseSecurityHeaders();
        app.UseContentPolicy();
        app.UseRouting();
        app.UseRateLimiter();
        app.UseConsoleAccess();
        app.UseAntiforgery();
        return app;
    }

    public static WebApplication MapWeb(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapJoining();
        app.MapSignIn();
        app.MapAccounts();
        app.MapLive();
        app.MapActions();
        app.MapDownloads();
        app.MapRazorComponents<App>().RequireAuthorization(ConsoleAccess.Viewer);
        return app;
    }
}
