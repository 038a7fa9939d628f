using System.Globalization;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Api;

/// <summary><c>audit</c>: the log in pages, as NDJSON, and whether it is whole. Needs the grant <c>admin</c>.</summary>
public static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        var audit = api.MapGroup("/audit").RequireAuthorization(Policies.Admin).WithTags("audit");
        audit.MapGet("", async (
            [AsParameters] PageRequest page, string? channel, string? target, string? actor, string? action, bool? newest, AuditReader reader, CancellationToken cancellation) =>
        {
            var found = await reader.ReadAsync(new AuditFilter(channel, target, actor, action), From(page), page.Size + 1, cancellation, newest == true);
            return ApiCall.Json(page.Of(found, static entry => entry.Seq.ToString(CultureInfo.InvariantCulture)));
        }).Produces<Page<AuditEntry>>().WithSummary("The audit log, the oldest entry first, or the newest (newest=true)");
        audit.MapGet("/export", (HttpContext http, long? after, AuditReader reader, CancellationToken cancellation) =>
        {
            var lines = reader.ReadAllAsync(after ?? 0, cancellation).Select(static entry => JsonSerializer.Serialize(entry, ContractsJson.Options));
            return ApiCall.WriteLinesAsync(http, "audit.ndjson", lines, cancellation);
        }).Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson");
        audit.MapGet("/verification", async (AuditReader reader, CancellationToken cancellation) =>
            ApiCall.Json(await reader.VerifyAsync(cancellation))).Produces<AuditVerification>();
    }

    static long From(PageRequest page) => page.From is not { } after ? 0
        : long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq
        : throw new RealtimeException(new(ErrorCode.Invalid, "That came from no page of ours.", "after"));
}
