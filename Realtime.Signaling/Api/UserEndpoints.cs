using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Api;

/// <summary>What is stored about a user: given out (to themselves or an operator) and erased (by an operator).</summary>
public static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users/{user}").WithTags("users");
        users.MapGet("/export", async (HttpContext http, string user, ExportStore store, AuditLog audit, CancellationToken cancellation) =>
        {
            var caller = ApiCall.Caller(http);
            if (caller.User != Check(user) && !caller.Grants.AllowsAdmin())
                throw new RealtimeException(new(ErrorCode.Forbidden, "Your own data, or with the grant admin.", "user"));
            await audit.RecordAsync(new AuditRecord(caller.User, AuditAction.UserExported, Target: user), cancellation);
            await ApiCall.WriteLinesAsync(http, "export.ndjson", store.ReadAsync(user, cancellation), cancellation);
        }).RequireAuthorization().Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson").WithSummary("Everything stored about a user, one JSON record per line");
        users.MapDelete("", async (
            HttpContext http, string user, ErasureStore store, RevocationStore revocations, RedisNews redis, IOptions<AuthOptions> options, TimeProvider time, CancellationToken cancellation) =>
        {
            var by = ApiCall.Caller(http).User;
            var erasure = await store.RequestAsync(Check(user), by, cancellation);
            // Whoever is to be forgotten leaves, so that nothing new comes in behind the erasure.
            var now = time.GetUtcNow();
            await revocations.AddAsync(new Revocation(true, user, now, now + options.Value.MaxTokenLifetime), by, cancellation);
            redis.Nudge();
            return ApiCall.Json(erasure, StatusCodes.Status202Accepted);
        }).RequireAuthorization(Policies.Admin).Produces<ErasureInfo>(StatusCodes.Status202Accepted).WithSummary("Erases a user; messages leave their places behind");
        users.MapGet("/erasure", async (string user, ErasureStore store, CancellationToken cancellation) =>
            ApiCall.Json(await store.FindAsync(Check(user), cancellation) ?? throw new RealtimeException(new(ErrorCode.NotFound, "Nobody asked for that.", "user"))))
            .RequireAuthorization(Policies.Admin).Produces<ErasureInfo>().WithSummary("How far an erasure is");
    }

    static string Check(string user) => NameRules.IsUser(user) && user != ErasureSteps.Nobody ? user : throw new RealtimeException(new(ErrorCode.Invalid, "A user id.", "user"));
}
