using Microsoft.Extensions.DependencyInjection;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>Rooms that operators move.</summary>
public sealed partial class RoomServiceTests
{
    [Fact]
    public async Task A_room_is_moved_by_hand_and_its_people_follow()
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Tell(Facts.Joined("x"));
        await Eventually.TrueAsync(() => Directory.Rooms().Count == 1, what: "the node tells of the room");
        var placer = _host.Services.GetRequiredService<RoomPlacer>();
        Assert.Equal((ErrorCode.NotFound, "room"), await RefusedAsync(() => placer.MoveAsync("nobody's", null, default)));
        Assert.Equal((ErrorCode.Conflict, "node"), await RefusedAsync(() => placer.MoveAsync("r", "media-0", default)));
        Assert.Equal((ErrorCode.Conflict, "node"), await RefusedAsync(() => placer.MoveAsync("r", "no-such-node", default)));

        Assert.Equal(new Placement("r", "media-1", 2), await placer.MoveAsync("r", null, default));
        // As every replica does that reads it in the outbox.
        _host.Services.GetRequiredService<RoomMover>().Seen("r", 2);

        await Eventually.TrueAsync(() => _zero.Received(MediaRoutes.RetireRoom).Any(), what: "the old copy retires");
        Assert.Equal(2, Assert.Single(_one.Received(MediaRoutes.Join)).GetProperty("epoch").GetInt64());
        Assert.Single(_output.EventsOf("s-ann"), HubEvent.Moved);
        Assert.Empty(_zero.Received(MediaRoutes.Leave));
    }

    static async Task<(string, string?)> RefusedAsync(Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<RealtimeException>(act);
        return (refused.Error.Code, refused.Error.Field);
    }
}
