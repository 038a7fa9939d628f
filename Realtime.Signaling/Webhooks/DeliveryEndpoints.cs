using System.Globalization;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Webhooks;

/// <summary><c>GET /api/deliveries?endpoint=&amp;state=&amp;after=&amp;limit=&amp;newest=</c> and <c>POST /api/deliveries/{id}/replay</c>, for operators.</summary>
public static class DeliveryEndpoints
{
    static readonly string[] s_states = [DeliveryState.Pending, DeliveryState.Claimed, DeliveryState.Delivered, DeliveryState.Dead];

    public static void MapDeliveries(this IEndpointRouteBuilder app)
    {
        var deliveries = app.MapGroup("/api/deliveries").RequireAuthorization(Policies.Admin);
        deliveries.MapGet("", async (string? endpoint, string? state, long? after, int? limit, bool? newest, DeliveryRecords records, CancellationToken cancellation) =>
        {
            if (state is not null && !s_states.Contains(state))
                throw new RealtimeException(new(ErrorCode.Invalid, $"One of {string.Join(", ", s_states)}.", "state"));
            return Results.Json(await records.ListAsync(endpoint, state, after ?? 0, Pages.Limit(limit), cancellation, newest == true), ContractsJson.Options);
        }).Produces<IReadOnlyList<DeliveryInfo>>();
        deliveries.MapPost("/{id:long}/replay", async (HttpContext http, long id, DeliveryRecords records, DeliveryWorker worker, AuditLog audit, TimeProvider time, CancellationToken cancellation) =>
        {
            await audit.RecordAsync(new AuditRecord(TokenIdentity.Of(http.User)!.User, AuditAction.DeliveriesReplayed, Target: id.ToString(CultureInfo.InvariantCulture)), cancellation);
            if (await records.ReplayAsync(null, id, time.GetUtcNow(), cancellation) == 0)
                throw new RealtimeException(new(ErrorCode.NotFound, "There is no such dead letter."));
            worker.Wake();
            return Results.Json(new ReplayResult(1), ContractsJson.Options);
        }).Produces<ReplayResult>().WithSummary("Tries a dead letter again");
    }
}

/// <summary>How much of a list is answered at once.</summary>
static class Pages
{
    const int Most = 100;
    const int Usual = 50;

    public static int Limit(int? asked) => asked switch
    {
        null => Usual,
        >= 1 and <= Most => asked.Value,
        _ => throw new RealtimeException(new(ErrorCode.Invalid, $"Between 1 and {Most}.", "limit")),
    };
}
