using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Realtime.ServiceDefaults.Health;

/// <summary><c>/health</c>, <c>/alive</c> and <c>/ready</c>, open to everybody and mapped in production too; they say one word, or why not.</summary>
static class DefaultEndpoints
{
    public const string Health = "/health";
    public const string Alive = "/alive";
    public const string Ready = "/ready";
    public const string ModeHeader = "X-Realtime-Mode";

    public static bool IsProbe(PathString path) => path.StartsWithSegments(Health) || path.StartsWithSegments(Alive) || path.StartsWithSegments(Ready);

    public static void Map(WebApplication app)
    {
        app.MapGet(Health, static (HttpContext http) =>
        {
            http.Response.Headers[ModeHeader] = http.RequestServices.GetService<IOperatingMode>()?.Name ?? "normal";
            return Results.Text("OK");
        });
        app.MapGet(Alive, static (LoopWatchdog watchdog) => watchdog.Stuck() is { Count: > 0 } stuck
            ? Results.Text($"stuck: {string.Join(", ", stuck)}", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("OK"));
        app.MapGet(Ready, static (Readiness readiness) => readiness.NotReadyBecause() is { } reason
            ? Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("OK"));
    }
}
