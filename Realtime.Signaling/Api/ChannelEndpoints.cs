using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Api;

/// <summary><c>channels</c> and <c>channels/{c}/members</c>.</summary>
public static class ChannelEndpoints
{
    public static void MapChannels(this IEndpointRouteBuilder api)
    {
        var channels = api.MapGroup("/channels").RequireAuthorization().WithTags("channels");
        channels.MapGet("", async (HttpContext http, [AsParameters] PageRequest page, ChannelAdministration administration, CancellationToken cancellation) =>
            ApiCall.Json(page.Of(await administration.ListAsync(ApiCall.Caller(http), page.From, page.Size + 1, cancellation), static one => one.Channel)))
            .Produces<Page<ChannelInfo>>().WithSummary("The channels the caller may read, by name");
        channels.MapPost("", async (HttpContext http, CreateChannelRequest request, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            var made = await administration.CreateAsync(ApiCall.Caller(http), request, cancellation);
            http.Response.Headers.Location = $"/api/channels/{made.Channel}";
            return ApiCall.Json(made, StatusCodes.Status201Created);
        }).LimitedBy(LimitName.Channels).Produces<ChannelInfo>(StatusCodes.Status201Created).WithSummary("Makes a channel; the caller owns it");
        channels.MapGet("/{channel}", async (HttpContext http, string channel, ChannelAdministration administration, CancellationToken cancellation) =>
            ApiCall.Json(await administration.FindAsync(ApiCall.Caller(http), channel, cancellation))).Produces<ChannelInfo>();
        channels.MapPatch("/{channel}", async (HttpContext http, string channel, ChangeChannelRequest request, ChannelAdministration administration, CancellationToken cancellation) =>
            ApiCall.Json(await administration.ChangeAsync(ApiCall.Caller(http), channel, request, cancellation))).Produces<ChannelInfo>();
        channels.MapDelete("/{channel}", async (HttpContext http, string channel, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            await administration.DeleteAsync(ApiCall.Caller(http), channel, cancellation);
            return Results.NoContent();
        }).Produces(StatusCodes.Status204NoContent);
        MapMembers(channels.MapGroup("/{channel}/members"));
    }

    static void MapMembers(IEndpointRouteBuilder members)
    {
        members.MapGet("", async (HttpContext http, string channel, [AsParameters] PageRequest page, ChannelAdministration administration, CancellationToken cancellation) =>
            ApiCall.Json(page.Of(await administration.MembersAsync(ApiCall.Caller(http), channel, page.From, page.Size + 1, cancellation), static one => one.User)))
            .Produces<Page<ChannelMemberInfo>>().WithSummary("Members and roles, by user");
        members.MapPut("/{user}", async (HttpContext http, string channel, string user, SetMemberRequest request, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            if (!ChannelNames.TryReadRole(request.Role ?? "member", out var role))
                throw new RealtimeException(new(ErrorCode.Invalid, "member, moderator or owner.", "role"));
            await administration.SetMemberAsync(ApiCall.Caller(http), channel, user, role, cancellation);
            return Results.NoContent();
        }).LimitedBy(LimitName.Channels).Produces(StatusCodes.Status204NoContent);
        members.MapDelete("/{user}", async (HttpContext http, string channel, string user, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            await administration.SetMemberAsync(ApiCall.Caller(http), channel, user, ChannelRole.None, cancellation);
            return Results.NoContent();
        }).LimitedBy(LimitName.Channels).Produces(StatusCodes.Status204NoContent);
    }
}
