using Realtime.ServiceDefaults.Http;
using Realtime.Web.Access;
using Realtime.Web.Components;
using Realtime.Web.Joining;
using Realtime.Web.Live;

namespace Realtime.Web;

/// <summary>What this service is made of, in the order in which a request meets it.</summary>
public static class WebSetup
{
    public static WebApplicationBuilder AddWeb(this WebApplicationBuilder builder)
    {
        builder.AddJoining();
        builder.AddLive();
        builder.Services.AddRazorComponents();
        return builder;
    }

    public static WebApplication UseWeb(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseContentPolicy();
        app.UseConsoleAccess();
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAntiforgery();
        return app;
    }

    public static WebApplication MapWeb(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapJoining();
        app.MapLive();
        app.MapRazorComponents<App>();
        return app;
    }
}
