using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Api;

/// <summary><c>channels</c> and <c>channels/{c}/members</c>.</summary>
public static class ChannelEndpoints
{
    public static void MapChannels(this IEndpointRouteBuilder api)
    {
        var channels = api.MapGroup("/channels").RequireAuthorization();
        channels.MapGet("/", async (HttpContext http, string? after, int? limit, ChannelAdministration administration, CancellationToken cancellation) =>
            ApiCall.Json(await administration.ListAsync(ApiCall.Caller(http), after, ApiCall.Page(limit), cancellation))).Produces<ChannelInfo[]>();
        channels.MapPost("/", async (HttpContext http, CreateChannelRequest request, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            var made = await administration.CreateAsync(ApiCall.Caller(http), request, cancellation);
            http.Response.Headers.Location = $"/api/channels/{made.Channel}";
            return ApiCall.Json(made, StatusCodes.Status201Created);
        }).Produces<ChannelInfo>(StatusCodes.Status201Created);
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
        members.MapGet("/", async (HttpContext http, string channel, string? after, int? limit, ChannelAdministration administration, CancellationToken cancellation) =>
            ApiCall.Json(await administration.MembersAsync(ApiCall.Caller(http), channel, after, ApiCall.Page(limit), cancellation))).Produces<ChannelMemberInfo[]>();
        members.MapPut("/{user}", async (HttpContext http, string channel, string user, SetMemberRequest request, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            if (!ChannelNames.TryReadRole(request.Role ?? "member", out var role))
                throw new RealtimeException(new(ErrorCode.Invalid, "member, moderator or owner.", "role"));
            await administration.SetMemberAsync(ApiCall.Caller(http), channel, user, role, cancellation);
            return Results.NoContent();
        }).Produces(StatusCodes.Status204NoContent);
        members.MapDelete("/{user}", async (HttpContext http, string channel, string user, ChannelAdministration administration, CancellationToken cancellation) =>
        {
            await administration.SetMemberAsync(ApiCall.Caller(http), channel, user, ChannelRole.None, cancellation);
            return Results.NoContent();
        }).Produces(StatusCodes.Status204NoContent);
    }
}
