using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Health;

/// <summary>Who may call an operations endpoint: null lets the call pass, otherwise the answer that refuses it.</summary>
public delegate ValueTask<IResult?> OperatorGate(HttpContext http);

/// <summary><c>GET /status/circuit-breakers</c>: every circuit of this process.</summary>
public static class CircuitEndpoints
{
    public static IEndpointConventionBuilder MapCircuitBreakers(this IEndpointRouteBuilder endpoints, OperatorGate gate) =>
        endpoints.MapGet("/status/circuit-breakers", static (CircuitRegistry circuits) => Results.Json(circuits.Snapshot(), ContractsJson.Options)).Behind(gate);

    internal static RouteHandlerBuilder Behind(this RouteHandlerBuilder endpoint, OperatorGate gate) =>
        endpoint.AddEndpointFilter(async (context, next) => await gate(context.HttpContext) is { } refusal ? refusal : await next(context));
}
