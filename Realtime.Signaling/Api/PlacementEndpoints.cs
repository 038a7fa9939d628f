using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Api;

/// <summary>What operators decide about places: a room goes to another node, a node takes rooms again.</summary>
public static class PlacementEndpoints
{
    public static void MapPlacement(this IEndpointRouteBuilder operators)
    {
        operators.MapPost("/rooms/{room}/move", async (string room, MoveRoomRequest? request, RoomPlacer placer, RoomMover mover, RedisNews redis, CancellationToken cancellation) =>
        {
            var moved = await placer.MoveAsync(RoomName.Check(room), request?.Node, cancellation);
            // The other replicas read the outbox at once; this one needs no telling.
            redis.Nudge();
            mover.Ensure(moved.Room, moved.Epoch);
            return ApiCall.Json(moved);
        }).Produces<Placement>().AuditedAs(AuditAction.RoomMoved, "room", static call => call.Arguments.OfType<MoveRoomRequest>().FirstOrDefault())
            .WithTags("rooms").WithSummary("Leads a call to another node, without anybody leaving it");
        operators.MapDelete("/nodes/{node}/drain", async (string node, MediaNodes nodes, CancellationToken cancellation) =>
        {
            if (!nodes.TryGet(node, out var found))
                throw new RealtimeException(new(ErrorCode.NotFound, "There is no such node.", "node"));
            await found.DrainAsync(new DrainCommand(Guid.CreateVersion7().ToString(), End: true), cancellation);
            return Results.NoContent();
        }).AuditedAs(AuditAction.NodeUndrained, "node").WithSummary("The node takes rooms again");
    }
}
