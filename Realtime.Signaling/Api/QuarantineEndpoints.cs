using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Api;

/// <summary><c>/api/quarantines</c>: who is kept out for a time, and letting them in again.</summary>
public static class QuarantineEndpoints
{
    public static void MapQuarantines(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/quarantines").RequireAuthorization(Policies.Admin).WithTags("moderation");
        group.MapGet("", (Quarantines quarantines) => Results.Json(quarantines.InForce, ContractsJson.Options))
            .Produces<IReadOnlyList<QuarantineInfo>>().WithSummary("Who is kept out for a time");
        group.MapDelete("/{kind}/{key}", async (string kind, string key, Quarantines quarantines, CancellationToken cancellation) =>
            kind is QuarantineKind.User or QuarantineKind.Address && await quarantines.LiftAsync(kind, key, cancellation)
                ? Results.NoContent()
                : throw new RealtimeException(new(ErrorCode.NotFound, "Nobody of that name is kept out."))).AuditedAs(AuditAction.QuarantineLifted, "key").WithSummary("Lets somebody in again");
    }
}
