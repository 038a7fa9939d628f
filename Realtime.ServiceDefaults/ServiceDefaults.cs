using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults;

/// <summary>What every service of this project gets.</summary>
public static class ServiceDefaults
{
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddCrashSafety();
        builder.Services.AddHostedService<ReadinessLifetime>();
        return builder;
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/ready</c>, in production too.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        DefaultEndpoints.Map(app);
        return app;
    }
}
