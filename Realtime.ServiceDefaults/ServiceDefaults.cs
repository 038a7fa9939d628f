using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.ServiceDefaults.Faults;
using Realtime.ServiceDefaults.Health;
using Realtime.ServiceDefaults.Http;
using Realtime.ServiceDefaults.Telemetry;

namespace Realtime.ServiceDefaults;

/// <summary>What every service of this project gets.</summary>
public static class ServiceDefaults
{
    /// <summary>Telemetry, guarded logs, the crash-safety kit, readiness, service discovery, standard HTTP resilience, and fault injection when it is switched on.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        TelemetryDefaults.Add(builder);
        GuardedLogging.Add(builder.Services);
        builder.Services.AddCrashSafety();
        builder.Services.AddSingleton<DebugModes>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<DebugModes>());
        builder.Services.AddSingleton<ProfileCapture>();
        builder.Services.AddHostedService<ReadinessLifetime>();
        HttpClientDefaults.Add(builder.Services);
        FaultServices.Add(builder);
        return builder;
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/ready</c>, in production too.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        DefaultEndpoints.Map(app);
        return app;
    }
}
