using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Admin;

/// <summary><c>GET /api/crashes</c> (by stack, <c>?search=</c> of a user, room, component, node, trace or exception; <c>?hash=</c> those of one), <c>GET /api/crashes/{id}</c>, for operators.</summary>
public static class CrashEndpoints
{
    const int MaxPage = 100;
    const int UsualPage = 20;
    const int MaxSearch = 256;

    public static void MapCrashes(this IEndpointRouteBuilder app)
    {
        var crashes = app.MapGroup("/api/crashes").RequireAuthorization(Policies.Admin);
        crashes.MapGet("", async (string? hash, string? after, int? limit, string? search, CrashReportReader reports, CancellationToken cancellation) =>
        {
            if ((limit ?? UsualPage) is not (>= 1 and <= MaxPage and var most))
                throw new RealtimeException(new(ErrorCode.Invalid, $"Between 1 and {MaxPage}.", "limit"));
            return hash is null
                ? Results.Json(await reports.GroupsAsync(after, most, search is { Length: > 0 and <= MaxSearch } ? search : null, cancellation), ContractsJson.Options)
                : Results.Json(await reports.OfStackAsync(hash, after, most, cancellation), ContractsJson.Options);
        }).Produces<IReadOnlyList<CrashGroup>>().WithSummary("Crash reports grouped by stack; with hash, those of one stack");
        crashes.MapGet("/{id}", async (string id, CrashReportReader reports, CancellationToken cancellation) => await reports.FindAsync(id, cancellation) is { } report
            ? Results.Json(report, ContractsJson.Options)
            : throw new RealtimeException(new(ErrorCode.NotFound, "There is no such crash report."))).Produces<CrashReport>();
    }
}
