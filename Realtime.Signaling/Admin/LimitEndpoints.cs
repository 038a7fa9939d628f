using Realtime.Contracts;
using Realtime.Signaling.Api;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Admin;

/// <summary><c>/api/limits</c>, for operators: whom this replica's limits hold up, letting them go, and other numbers for all replicas without a restart.</summary>
public static class LimitEndpoints
{
    const int MostShown = 20;

    public static void MapLimits(this IEndpointRouteBuilder app)
    {
        var limits = app.MapGroup("/api/limits").RequireAuthorization(Policies.Admin).WithTags("limits");
        limits.MapGet("", (Limits all, LimitSettings settings, ReplicaIdentity self, TimeProvider time) =>
        {
            var now = time.GetUtcNow();
            return ApiCall.Json(new LimitsReport(self.Name, [.. all.All.OrderBy(static one => one.Limit.Scope, StringComparer.Ordinal).Select(one => StateOf(one, now))], settings.All));
        }).Produces<LimitsReport>();
        limits.MapPut("/settings/{name}", async (HttpContext http, string name, SetLimitRequest request, LimitSettings settings, RedisNews redis, CancellationToken cancellation) =>
        {
            await settings.SetAsync(name, request.Value, ApiCall.Caller(http).User, cancellation);
            redis.Nudge();
            return Results.NoContent();
        });
        limits.MapDelete("/settings/{name}", async (HttpContext http, string name, LimitSettings settings, RedisNews redis, CancellationToken cancellation) =>
        {
            await settings.ResetAsync(name, ApiCall.Caller(http).User, cancellation);
            redis.Nudge();
            return Results.NoContent();
        });
        limits.MapPost("/{name}/release", async (string name, ReleaseLimitedRequest request, Limits all, RedisLimits cluster) =>
        {
            var limiter = all.All.FirstOrDefault(one => one.Limit.Scope == name) ?? throw new RealtimeException(new(ErrorCode.NotFound, "There is no such limit.", "name"));
            if (request.Key is not { Length: > 0 } key || !(limiter.Forget(key) | (limiter.Limit.Shared && await cluster.ForgetAsync(limiter.Limit, key))))
                throw new RealtimeException(new(ErrorCode.NotFound, "Nobody of that name is held up here.", "key"));
            return Results.NoContent();
        }).AuditedAs(AuditAction.LimitReleased, "name", static call => call.Arguments.OfType<ReleaseLimitedRequest>().FirstOrDefault());
    }

    static LimitState StateOf(RateLimiter limiter, DateTimeOffset now)
    {
        var limit = limiter.Limit;
        return new LimitState(
            limit.Scope, limit.Permits, limit.Window.TotalSeconds, limit.AtOnce, limit.Per.ToString().ToLowerInvariant(), limit.Shared, limiter.Keys, limiter.Refused,
            [.. limiter.Exhausted(now, MostShown).Select(static one => new LimitedKey(one.Key, (int)Math.Min(int.MaxValue, one.RetryAfter.TotalMilliseconds)))]);
    }
}
