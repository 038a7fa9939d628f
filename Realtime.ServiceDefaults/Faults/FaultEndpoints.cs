using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.Faults;

/// <summary><c>POST /admin/faults</c> adds a rule, <c>GET</c> lists them, <c>DELETE</c> takes all back. Not mapped unless <c>Faults:Enabled</c>.</summary>
public static class FaultEndpoints
{
    const string Path = "/admin/faults";
    const int MaxBody = 4 * 1024;

    public static void MapFaultEndpoints(this IEndpointRouteBuilder endpoints, OperatorGate gate)
    {
        if (endpoints.ServiceProvider.GetService<FaultInjector>() is not { } injector)
            return;
        endpoints.MapPost(Path, async (HttpContext http) =>
        {
            if (await ReadBodyAsync(http) is not { } body || !SafeJson.TryRead<FaultRule>(body, out var rule, MaxBody))
                return Results.Json(new RealtimeError(ErrorCode.Invalid, "The body is not a fault rule."), ContractsJson.Options, statusCode: StatusCodes.Status400BadRequest);
            return injector.Add(rule) is { } wrong
                ? Results.Json(new RealtimeError(ErrorCode.Invalid, wrong), ContractsJson.Options, statusCode: StatusCodes.Status400BadRequest)
                : Results.NoContent();
        }).Behind(gate);
        endpoints.MapGet(Path, () => Results.Json(injector.Rules.Select(static rule => new { rule.Rule, rule.Hits }), ContractsJson.Options)).Behind(gate);
        endpoints.MapDelete(Path, () =>
        {
            injector.Clear();
            return Results.NoContent();
        }).Behind(gate);
    }

    /// <summary>Null: larger than <see cref="MaxBody"/>.</summary>
    static async Task<byte[]?> ReadBodyAsync(HttpContext http)
    {
        var buffer = new byte[MaxBody + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return length > MaxBody ? null : buffer[..length];
    }
}
