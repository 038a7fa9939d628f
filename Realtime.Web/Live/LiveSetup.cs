using Realtime.ServiceDefaults.Http;
using Realtime.Web.Access;
using Realtime.Web.Operations;

namespace Realtime.Web.Live;

static class LiveSetup
{
    public static void AddLive(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<AdminFeed>();
        services.AddSingleton<ReplicaWatch>();
        services.AddSingleton<LoadHistory>();
        services.AddSingleton<RecentCrashes>();
        services.AddSingleton<SpeakerHistory>();
        services.AddSingleton<SharedRenderings>();
        services.AddSingleton<LiveEndpoint>();
        if (ServiceKey.From(ConsoleOptions.From(builder.Configuration, builder.Environment), builder.Configuration, builder.Environment) is null)
            return; // Signaling would let nobody in; the pages say which key is missing.
        services.AddHttpClient(AdminFeedReader.Client, static http => http.BaseAddress = new Uri("https+http://signaling"))
            .WithoutStandardResilience(Timeout.InfiniteTimeSpan); // A stream that never ends: the reader watches its silence itself.
        services.AddHostedService<AdminFeedReader>();
        services.AddHostedService<ReplicaReader>();
    }

    public static void MapLive(this IEndpointRouteBuilder app) =>
        app.MapGet(LiveEndpoint.Path + "/{view}", static (HttpContext http, string view, LiveEndpoint live) => live.Open(http, view)).RequireAuthorization(ConsoleAccess.Viewer);
}
