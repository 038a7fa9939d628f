using Realtime.ServiceDefaults.Http;
using Realtime.Web.Joining;

namespace Realtime.Web.Live;

static class LiveSetup
{
    public static void AddLive(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AdminFeed>();
        builder.Services.AddSingleton<BoardRenderer>();
        builder.Services.AddSingleton<LiveEndpoint>();
        if (DevKey.From(builder.Configuration, builder.Environment) is null)
            return; // Nobody can open the console, and no token could be minted for it.
        builder.Services.AddHttpClient(AdminFeedReader.Client, static http => http.BaseAddress = new Uri("https+http://signaling"))
            .WithoutStandardResilience(Timeout.InfiniteTimeSpan); // A stream that never ends: the reader watches its silence itself.
        builder.Services.AddHostedService<AdminFeedReader>();
    }

    public static void MapLive(this WebApplication app) =>
        app.MapGet(LiveEndpoint.Path, static (HttpContext http, LiveEndpoint live) => live.Open(http));
}
