using System.Runtime.CompilerServices;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.ServiceDefaults.Faults;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Admin;

/// <summary>For operators: what is going on, live and in numbers, and the few levers there are. All of it needs the grant <c>admin</c>.</summary>
public static class OperationsEndpoints
{
    /// <summary>Consoles that follow the feed at once, per replica.</summary>
    const int MaxFollowers = 100;

    static int _followers;

    public static void MapOperations(this WebApplication app)
    {
        var operators = app.MapGroup("").RequireAuthorization(Policies.Admin);
        operators.MapGet("/api/admin/feed", (HttpContext http, AdminSnapshots snapshots, IHostApplicationLifetime lifetime, TimeProvider time) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return TypedResults.ServerSentEvents(FollowAsync(snapshots, time, lifetime.ApplicationStopping, http.RequestAborted));
        });
        operators.MapGet("/metrics/socket", (SocketMetrics metrics) => Results.Json(metrics.Read(), ContractsJson.Options));
        operators.MapGet("/health/socket", (SocketMetrics metrics) => Results.Json(metrics.ReadHealth(), ContractsJson.Options));
        operators.MapRecovery();

        app.MapCircuitBreakers(Gate);
        app.MapFaultEndpoints(Gate);
        operators.MapDiagnostics(Gate, AuditAsync);
    }

    static async ValueTask AuditAsync(HttpContext http, string action, string? target) => await http.RequestServices.GetRequiredService<AuditLog>()
        .RecordAsync(new AuditRecord(TokenIdentity.Of(http.User)?.User ?? "unknown", action, Target: target), http.RequestAborted);

    /// <summary>For the endpoints of the service defaults.</summary>
    static ValueTask<IResult?> Gate(HttpContext http)
    {
        var error = TokenIdentity.Of(http.User) is not { } token ? new RealtimeError(ErrorCode.Unauthenticated, "A valid token is needed.")
            : token.Grants.AllowsAdmin() ? null
            : new RealtimeError(ErrorCode.Forbidden, "Your token does not grant this.");
        return new(error is null ? null : Results.Json(error, ContractsJson.Options, "application/problem+json", Refusals.StatusOf(error.Code)));
    }

    /// <summary>One JSON record per event; a slow console gets fewer, never a backlog.</summary>
    /// <param name="stopping">Ends it too: a stop would wait for a stream that never ends.</param>
    static async IAsyncEnumerable<string> FollowAsync(AdminSnapshots snapshots, TimeProvider time, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        if (Interlocked.Increment(ref _followers) > MaxFollowers)
        {
            Interlocked.Decrement(ref _followers);
            throw new RealtimeException(new(ErrorCode.Unavailable, "Too many consoles follow this replica.", RetryAfterMs: 5000));
        }
        try
        {
            while (!ended.IsCancellationRequested)
            {
                yield return JsonSerializer.Serialize(snapshots.Take(), ContractsJson.Options);
                try
                {
                    await Task.Delay(AdminSnapshots.KeepFor, time, ended.Token);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _followers);
        }
    }
}
