using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Api;

/// <summary><c>audit</c>: the log in pages, as NDJSON, and whether it is whole. Needs the grant <c>admin</c>.</summary>
public static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        var audit = api.MapGroup("/audit").RequireAuthorization(Policies.Admin);
        audit.MapGet("/", async (long? after, int? limit, string? channel, string? target, string? actor, AuditReader reader, CancellationToken cancellation) =>
            ApiCall.Json(await reader.ReadAsync(new AuditFilter(channel, target, actor), after ?? 0, ApiCall.Page(limit), cancellation))).Produces<AuditEntry[]>();
        audit.MapGet("/export", (HttpContext http, long? after, AuditReader reader, CancellationToken cancellation) =>
            ApiCall.WriteLinesAsync(http, "audit.ndjson", reader.ReadAllAsync(after ?? 0, cancellation), cancellation)).Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson");
        audit.MapGet("/verification", async (AuditReader reader, CancellationToken cancellation) =>
            ApiCall.Json(await reader.VerifyAsync(cancellation))).Produces<AuditVerification>();
    }
}
