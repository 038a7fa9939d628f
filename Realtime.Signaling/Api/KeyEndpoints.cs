using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Api;

/// <summary><c>/api/keys</c>: the stored API keys, for operators. A secret is told once, when it is made.</summary>
public static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").RequireAuthorization(Policies.Admin).WithTags("keys");
        keys.MapGet("", async (StoredKeys stored, CancellationToken cancellation) => Results.Json(await stored.ListAsync(cancellation), ContractsJson.Options))
            .Produces<IReadOnlyList<ApiKeyInfo>>().WithSummary("The stored keys, without their secrets");
        keys.MapPost("", async (HttpContext http, CreateApiKeyRequest request, StoredKeys stored, CancellationToken cancellation) =>
            Secret(http, await stored.CreateAsync(request.Id, cancellation))).Produces<ApiKeySecret>()
            .AuditedAs(AuditAction.KeyCreated, details: static call => call.Arguments.OfType<CreateApiKeyRequest>().FirstOrDefault()?.Id).WithSummary("Makes a key; its secret is told this once");
        keys.MapPost("/{id}/rotate", async (HttpContext http, string id, StoredKeys stored, CancellationToken cancellation) =>
            Secret(http, await stored.RotateAsync(id, cancellation))).Produces<ApiKeySecret>().AuditedAs(AuditAction.KeyRotated, "id").WithSummary("Gives a key a new secret; the one before stays accepted");
        keys.MapPost("/{id}/retire", async (string id, StoredKeys stored, CancellationToken cancellation) =>
        {
            await stored.RetireAsync(id, cancellation);
            return Results.NoContent();
        }).AuditedAs(AuditAction.KeyRetired, "id").WithSummary("Accepts the older secret no more");
        keys.MapDelete("/{id}", async (HttpContext http, string id, StoredKeys stored, CancellationToken cancellation) =>
        {
            await stored.DeleteAsync(id, ApiCall.Caller(http).User, cancellation);
            return Results.NoContent();
        }).WithSummary("Deletes a key; whoever came with a token of it has to leave");
    }

    static IResult Secret(HttpContext http, ApiKeySecret secret)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(secret, ContractsJson.Options);
    }
}
