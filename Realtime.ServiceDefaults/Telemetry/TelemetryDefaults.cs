using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>Logs, metrics and traces through OpenTelemetry; exported by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
static class TelemetryDefaults
{
    /// <summary>Of SignalR: one span per call of a hub method.</summary>
    const string HubCalls = "Microsoft.AspNetCore.SignalR.Server";

    public static void Add(IHostApplicationBuilder builder)
    {
        // ASP.NET Core writes every request's URL with its query, and so the hub's access_token, at Information.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        // HttpClient does the same for calls we make, with whatever a peer's URL holds.
        builder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(static logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var names = RealtimeTelemetry.All.Select(static source => source.Name).ToArray();
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(names)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithTracing(tracing => tracing
                .AddSource([.. names, HubCalls, builder.Environment.ApplicationName])
                .AddProcessor(new QueryScrubber())
                .AddAspNetCoreInstrumentation(static options => options.Filter = static http => !DefaultEndpoints.IsProbe(http.Request.Path))
                .AddHttpClientInstrumentation());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();
    }
}
