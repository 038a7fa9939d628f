using System.Globalization;
using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Api;

/// <summary><c>moderation</c>: who is banned or timed out, and the four actions, with the rules and permits of the hub.</summary>
public static class ModerationEndpoints
{
    const int MostSkipped = 10_000;

    public static void MapModeration(this IEndpointRouteBuilder api)
    {
        var moderation = api.MapGroup("/moderation").RequireAuthorization().WithTags("moderation");
        moderation.MapGet("", async (string? search, [AsParameters] PageRequest page, ModerationStore store, CancellationToken cancellation) =>
        {
            var skip = int.TryParse(page.From, NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? Math.Min(from, MostSkipped) : 0;
            var found = await store.SearchAsync(search, skip, page.Size + 1, cancellation);
            return ApiCall.Json(page.Of(found, _ => (skip + page.Size).ToString(CultureInfo.InvariantCulture)));
        }).RequireAuthorization(Policies.Admin).Produces<Page<RestrictionInfo>>().WithSummary("Bans and time-outs in force in all channels, for operators");
        moderation.MapGet("/{channel}", async (
            HttpContext http, string channel, [AsParameters] PageRequest page, ChannelAccess access, ModerationStore store, CancellationToken cancellation) =>
        {
            await access.RequireModerateAsync(ApiCall.Caller(http), channel, cancellation);
            return ApiCall.Json(page.Of(await store.ListAsync(channel, page.From, page.Size + 1, cancellation), static one => one.Key));
        }).Produces<Page<RestrictionInfo>>().WithSummary("Bans and time-outs in force");
        moderation.MapPost("/kick", (HttpContext http, KickRequest request, ModerationService service, CancellationToken cancellation) =>
            DoneAsync(service.KickAsync(ApiCall.Caller(http), request, cancellation))).LimitedBy(LimitName.Kicks).Produces(StatusCodes.Status204NoContent);
        moderation.MapPost("/ban", (HttpContext http, BanRequest request, ModerationService service, CancellationToken cancellation) =>
            DoneAsync(service.BanAsync(ApiCall.Caller(http), request, cancellation))).LimitedBy(LimitName.Bans).Produces(StatusCodes.Status204NoContent);
        moderation.MapPost("/unban", (HttpContext http, UnbanRequest request, ModerationService service, CancellationToken cancellation) =>
            DoneAsync(service.UnbanAsync(ApiCall.Caller(http), request, cancellation))).Produces(StatusCodes.Status204NoContent);
        moderation.MapPost("/timeOut", (HttpContext http, TimeOutRequest request, ModerationService service, CancellationToken cancellation) =>
            DoneAsync(service.TimeOutAsync(ApiCall.Caller(http), request, cancellation))).Produces(StatusCodes.Status204NoContent);
    }

    static async Task<IResult> DoneAsync(Task work)
    {
        await work;
        return Results.NoContent();
    }
}
