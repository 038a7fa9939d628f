using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.People;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Api;

/// <summary>The REST API of the first slice, under <c>/api</c>.</summary>
public static class ApiEndpoints
{
    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup("/api");
        api.MapTokens();
        api.MapChannels();
        api.MapMessages();
        api.MapDirects();
        api.MapModeration();
        api.MapAudit();
        api.MapUsers();

        api.MapPeople();
        api.MapRooms();
        app.MapRoomDebug();

        api.MapGet("/channels/{channel}/messages", async (
            HttpContext http, string channel, long? before, long? after, int? limit, ChannelService channels, CancellationToken cancellation) =>
            Json(await channels.HistoryAsync(Token(http), new HistoryRequest(channel, before, after, limit), cancellation))).RequireAuthorization().Produces<IReadOnlyList<Message>>().WithSummary("Messages as they stand now: the latest, or those before or after an event");

        var operators = api.MapGroup("").RequireAuthorization(Policies.Admin);
        operators.MapGet("/nodes", (NodeDirectory nodes) => Json(nodes.Nodes())).Produces<IReadOnlyList<NodeInfo>>().WithSummary("The media nodes and how loaded they are");
        operators.MapPost("/nodes/{node}/drain", async (string node, bool? force, MediaNodes nodes, NodeDirectory directory, CancellationToken cancellation) =>
        {
            if (!nodes.TryGet(node, out var found))
                throw new RealtimeException(new(ErrorCode.NotFound, "There is no such node.", "node"));
            if (force != true && !directory.CanDrain(node))
                throw new RealtimeException(new(ErrorCode.Conflict, "No other node takes its rooms, and they would be closed; ?force=true drains it all the same.", "node"));
            await found.DrainAsync(new DrainCommand(Guid.CreateVersion7().ToString()), cancellation);
            return Results.NoContent();
        }).AuditedAs(AuditAction.NodeDrained, "node");
        operators.MapPlacement();
        operators.MapGet("/rooms", (NodeDirectory nodes) => Json(nodes.Rooms())).Produces<IReadOnlyList<RoomInfo>>().WithSummary("The rooms with somebody in them");
    }

    static UserToken Token(HttpContext http) => TokenIdentity.Of(http.User) ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "A valid token is needed."));

    static IResult Json(object value) => Results.Json(value, ContractsJson.Options);
}
