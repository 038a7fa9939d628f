using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Webhooks;

/// <summary><c>/api/webhooks</c>: endpoints and their secrets, for operators. A secret is told when it is made and never again.</summary>
public static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var webhooks = app.MapGroup("/api/webhooks").RequireAuthorization(Policies.Admin);
        webhooks.MapGet("", async (string? after, int? limit, EndpointStore store, CancellationToken cancellation) =>
            Json(await store.ListAsync(after, Pages.Limit(limit), cancellation))).Produces<IReadOnlyList<WebhookInfo>>();
        webhooks.MapGet("/{id}", async (string id, EndpointStore store, CancellationToken cancellation) => Json(await store.InfoAsync(id, cancellation) ?? throw NotFound())).Produces<WebhookInfo>();
        webhooks.MapPost("", CreateAsync).Produces<WebhookSecret>(StatusCodes.Status201Created).WithSummary("Its secret is told this once");
        webhooks.MapPatch("/{id}", ChangeAsync).Produces<WebhookInfo>();
        webhooks.MapDelete("/{id}", async (HttpContext http, string id, EndpointStore store, DeliveryAttempts attempts, AuditLog audit, CancellationToken cancellation) =>
        {
            _ = await store.FindAsync(id, cancellation) ?? throw NotFound();
            await audit.RecordAsync(new AuditRecord(Admin(http), AuditAction.WebhookDeleted, Target: id), cancellation);
            await store.DeleteAsync(id, cancellation);
            attempts.Forget(id);
            return Results.NoContent();
        });
        webhooks.MapPost("/{id}/rotate", RotateAsync).Produces<WebhookSecret>().WithSummary("Gives it a new secret; with keep, the one before signs as well");
        webhooks.MapPost("/{id}/test", async (string id, DeliveryRecords deliveries, DeliveryWorker worker, TimeProvider time, CancellationToken cancellation) =>
        {
            var now = time.GetUtcNow();
            var ping = WebhookEvent.Ping("evt_" + Guid.CreateVersion7(now).ToString("N"), id, now);
            if (!await deliveries.AddAsync(id, ping.Id, ping.Kind, ping.Payload, now, cancellation))
                throw NotFound();
            worker.Wake();
            return Results.Accepted();
        });
        webhooks.MapPost("/{id}/replay", async (HttpContext http, string id, EndpointStore store, DeliveryRecords deliveries, DeliveryWorker worker, AuditLog audit, TimeProvider time, CancellationToken cancellation) =>
        {
            _ = await store.FindAsync(id, cancellation) ?? throw NotFound();
            await audit.RecordAsync(new AuditRecord(Admin(http), AuditAction.DeliveriesReplayed, Target: id), cancellation);
            var replayed = await deliveries.ReplayAsync(id, null, time.GetUtcNow(), cancellation);
            worker.Wake();
            return Json(new ReplayResult(replayed));
        });
    }

    static async Task<IResult> CreateAsync(
        HttpContext http, WebhookRequest request, EndpointStore store, SecretBox secrets, AuditLog audit, IOptionsMonitor<WebhookOptions> options, TimeProvider time,
        CancellationToken cancellation)
    {
        Check(request, options.CurrentValue);
        if (request.Url is null)
            throw new RealtimeException(new(ErrorCode.Invalid, "A URL is needed.", "url"));
        var now = time.GetUtcNow();
        var (id, secret) = ("whk_" + Guid.CreateVersion7(now).ToString("N"), StandardWebhook.NewSecret());
        var endpoint = new WebhookEndpoint(
            id, request.Url, request.Description ?? "", request.Kinds ?? ["*"], request.Channels ?? ["*"], [secrets.Close(secret, id)], request.Enabled ?? true, null,
            Admin(http), DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()));
        await audit.RecordAsync(new AuditRecord(Admin(http), AuditAction.WebhookCreated, Target: id), cancellation);
        if (!await store.AddAsync(endpoint, options.CurrentValue.MaxEndpoints, cancellation))
            throw new RealtimeException(new(ErrorCode.Conflict, $"There are {options.CurrentValue.MaxEndpoints} webhooks already."));
        return Told(http, new WebhookSecret(await store.InfoAsync(id, cancellation) ?? throw NotFound(), secret), StatusCodes.Status201Created);
    }

    static async Task<IResult> ChangeAsync(
        HttpContext http, string id, WebhookRequest request, EndpointStore store, AuditLog audit, IOptionsMonitor<WebhookOptions> options, CancellationToken cancellation)
    {
        Check(request, options.CurrentValue);
        _ = await store.FindAsync(id, cancellation) ?? throw NotFound();
        await audit.RecordAsync(new AuditRecord(Admin(http), AuditAction.WebhookChanged, Target: id), cancellation);
        if (!await store.ChangeAsync(id, request, cancellation))
            throw NotFound();
        return Json(await store.InfoAsync(id, cancellation) ?? throw NotFound());
    }

    /// <summary>A new secret signs from now on; the one before signs beside it until <c>?keep=false</c> or the next rotation.</summary>
    static async Task<IResult> RotateAsync(HttpContext http, string id, bool? keep, EndpointStore store, SecretBox secrets, AuditLog audit, CancellationToken cancellation)
    {
        var endpoint = await store.FindAsync(id, cancellation) ?? throw NotFound();
        var secret = StandardWebhook.NewSecret();
        string[] next = [secrets.Close(secret, id), .. keep == false ? [] : endpoint.Secrets.Take(WebhookEndpoint.MaxSecrets - 1)];
        await audit.RecordAsync(new AuditRecord(Admin(http), AuditAction.WebhookRotated, Target: id), cancellation);
        if (!await store.SetSecretsAsync(id, endpoint.Secrets, next, cancellation))
            throw new RealtimeException(new(ErrorCode.Conflict, "Its secrets were changed meanwhile."));
        return Told(http, new WebhookSecret(await store.InfoAsync(id, cancellation) ?? throw NotFound(), secret), StatusCodes.Status200OK);
    }

    static void Check(WebhookRequest request, WebhookOptions options)
    {
        if (WebhookEndpoint.Check(request) is { } refusal)
            throw new RealtimeException(refusal);
        if (request.Url is { } url && WebhookUrl.Check(url, options, out _) is { } wrong)
            throw new RealtimeException(new(ErrorCode.Invalid, wrong, "url"));
    }

    static IResult Told(HttpContext http, WebhookSecret answer, int status)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(answer, ContractsJson.Options, statusCode: status);
    }

    static string Admin(HttpContext http) => TokenIdentity.Of(http.User)?.User ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "A valid token is needed."));

    static IResult Json(object value) => Results.Json(value, ContractsJson.Options);

    static RealtimeException NotFound() => new(new(ErrorCode.NotFound, "There is no such webhook."));
}
