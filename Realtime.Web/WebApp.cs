using Realtime.ServiceDefaults;

namespace Realtime.Web;

/// <summary>Builds the program; tests build the same one with other options.</summary>
public static class WebApp
{
    public static WebApplication Build(WebApplicationOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(options);
        builder.WebHost.UseStaticWebAssets();
        builder.AddServiceDefaults();
        configure?.Invoke(builder);
        builder.AddWeb();

        var app = builder.Build();
        app.UseWeb();
        app.MapDefaultEndpoints();
        app.MapWeb();
        return app;
    }
}
