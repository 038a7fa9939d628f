using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Api;

/// <summary><c>rooms/{room}</c>: what it is set to and who is in it, and what moderators do; <c>/debug/rooms/{room}</c> for operators.</summary>
public static class RoomEndpoints
{
    public static void MapRooms(this IEndpointRouteBuilder api)
    {
        var room = api.MapGroup("/rooms/{room}").RequireAuthorization().WithTags("rooms");
        room.MapGet("", (HttpContext http, string room, NodeDirectory nodes) =>
        {
            RequireKnow(http, room);
            return ApiCall.Json(nodes.Describe(room) ?? throw Nobody());
        }).Produces<RoomState>().WithSummary("Where it is, how many are in it, what it is set to");
        room.MapPatch("", (HttpContext http, string room, RoomSettings settings, RoomModeration moderation, CancellationToken cancellation) =>
            DoneAsync(moderation.SetRoomAsync(ApiCall.Caller(http), new SetRoomRequest(room, settings), cancellation)))
            .LimitedBy(LimitName.Voice).Produces(StatusCodes.Status204NoContent).WithSummary("Sets it, for as long as somebody is in it; what is absent stays");
        room.MapDelete("", (HttpContext http, string room, string? reason, RoomModeration moderation, CancellationToken cancellation) =>
            DoneAsync(moderation.CloseAsync(ApiCall.Caller(http), new CloseRoomRequest(room, reason), cancellation)))
            .LimitedBy(LimitName.Kicks).Produces(StatusCodes.Status204NoContent).WithSummary("Ends the call for everybody");
        room.MapPost("/tracks/{track}/mute", (HttpContext http, string room, string track, MuteTrackRequest request, RoomModeration moderation, CancellationToken cancellation) =>
            DoneAsync(moderation.MuteAsync(ApiCall.Caller(http), request with { Room = room, Track = track }, cancellation)))
            .LimitedBy(LimitName.Voice).Produces(StatusCodes.Status204NoContent).WithSummary("Mutes somebody's track, or ends that");
        var participant = room.MapGroup("/participants/{participant}");
        participant.MapGet("", OneAsync).Produces<RoomParticipantInfo>().WithSummary("One participant, with statistics of the last seconds");
        participant.MapPatch("", (HttpContext http, string room, string participant, SetParticipantRequest request, RoomModeration moderation, CancellationToken cancellation) =>
            DoneAsync(moderation.SetParticipantAsync(ApiCall.Caller(http), room, participant, request, cancellation)))
            .LimitedBy(LimitName.Voice).Produces(StatusCodes.Status204NoContent).WithSummary("Sets its metadata");
        participant.MapDelete("", (HttpContext http, string room, string participant, string? reason, RoomModeration moderation, CancellationToken cancellation) =>
            DoneAsync(moderation.KickAsync(ApiCall.Caller(http), new KickParticipantRequest(room, participant, reason), cancellation)))
            .LimitedBy(LimitName.Kicks).Produces(StatusCodes.Status204NoContent).WithSummary("Removes it from the call");
    }

    /// <summary>Without names, metadata, addresses and keys.</summary>
    public static void MapRoomDebug(this IEndpointRouteBuilder app) => app.MapGet("/debug/rooms/{room}", async (
        HttpContext http, string room, RoomModeration moderation, CancellationToken cancellation) =>
        ApiCall.Json(await moderation.DescribeAsync(ApiCall.Caller(http), RoomName.Check(room), cancellation)))
        .RequireAuthorization(Policies.Admin).Produces<RoomDetail>().WithTags("rooms").WithSummary("A room in all detail, without what is nobody's business");

    static async Task<IResult> OneAsync(HttpContext http, string room, string participant, NodeDirectory nodes, MediaNodes media, CancellationToken cancellation)
    {
        RequireKnow(http, room);
        var found = nodes.Participants(room).FirstOrDefault(one => one.Participant == participant) ?? throw Nobody();
        // One's own connection is one's own business, others' the moderators'.
        if (found.User != ApiCall.Caller(http).User)
            RoomModeration.Require(ApiCall.Caller(http), room);
        var placement = nodes.Live(room) ?? throw Nobody();
        var detail = await media[placement.Node].DescribeAsync(room, cancellation);
        return ApiCall.Json(found with { Statistics = detail?.Participants.FirstOrDefault(one => one.Participant == participant)?.Statistics });
    }

    static void RequireKnow(HttpContext http, string room)
    {
        var grants = ApiCall.Caller(http).Grants;
        if (!grants.AllowsAdmin() && !grants.AllowsRoom(RoomName.Check(room)))
            throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not grant this room.", "room"));
    }

    static RealtimeException Nobody() => new(new RealtimeError(ErrorCode.NotFound, "Nobody is there.", "room"));

    static async Task<IResult> DoneAsync(Task work)
    {
        await work;
        return Results.NoContent();
    }
}
