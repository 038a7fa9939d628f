using Realtime.Signaling.Data;
using Realtime.Signaling.Hubs;

namespace Realtime.Signaling.Api;

/// <summary>What all of REST shares: limits, idempotency, problem details, its description.</summary>
public static class ApiSetup
{
    public static void AddApiPlumbing(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IdempotencyStore>();
        services.ConfigureHttpJsonOptions(static options =>
        {
            options.SerializerOptions.MaxDepth = GuardedJsonProtocol.MaxDepth;
            options.SerializerOptions.AllowDuplicateProperties = false;
        });
        services.AddApiDescription();
    }

    /// <summary>After authorization.</summary>
    public static void UseApiPlumbing(this WebApplication app)
    {
        app.UseLimits();
        app.UseIdempotency();
    }

    public static void MapApiPlumbing(this WebApplication app)
    {
        app.MapApiDescription();
        var api = app.MapGroup("/api");
        api.MapKeys();
        api.MapQuarantines();
    }
}
