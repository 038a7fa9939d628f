using Microsoft.Extensions.DependencyInjection;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>Rooms whose nodes die, sleep, drain and fill up.</summary>
public sealed partial class RoomServiceTests
{
    [Fact]
    public async Task When_a_node_falls_silent_and_away_its_rooms_move_and_all_are_told()
    {
        var ann = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);

        await _zero.DisposeAsync();

        await Eventually.TrueAsync(() => _output.EventsOf("s-ann").Contains(HubEvent.Moved), what: "the room moved");
        var join = Assert.Single(_one.Received(MediaRoutes.Join));
        Assert.Equal(ann.Participant, join.GetProperty("participant").GetString());
        Assert.Equal(2, join.GetProperty("epoch").GetInt64());
        Assert.Equal(NodeState.Lost, Directory.Nodes().Single(node => node.Node == "media-0").State);
        Assert.Equal([new SessionRoom("r", 2, ann.Participant)], _placements.Sessions["s-ann"]);
    }

    [Fact]
    public async Task A_node_that_was_started_anew_has_none_of_its_rooms_and_they_move_on()
    {
        var ann = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _one.Load = _one.Load with { Full = true };
        await Eventually.TrueAsync(() => Directory.IsFull("media-1"), what: "only the old node takes rooms");

        _zero.Reboot();

        await Eventually.TrueAsync(() => _output.EventsOf("s-ann").Contains(HubEvent.Moved), what: "the room moved");
        Assert.Equal([1L, 2L], _zero.Received(MediaRoutes.Join).Select(static body => body.GetProperty("epoch").GetInt64()));
        Assert.Equal(ann.Participant, _zero.Received(MediaRoutes.Join).Last().GetProperty("participant").GetString());
    }

    [Fact]
    public async Task Rooms_of_a_draining_node_move_and_their_old_copies_retire()
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Tell(Facts.Joined("x"));
        await Eventually.TrueAsync(() => Directory.Rooms().Count == 1, what: "the node tells of the room");

        _zero.Load = _zero.Load with { Draining = true };

        await Eventually.TrueAsync(() => _zero.Received(MediaRoutes.RetireRoom).Any(), what: "the old copy retires");
        Assert.Contains(HubEvent.Moved, _output.EventsOf("s-ann"));
        Assert.Equal(2, Assert.Single(_one.Received(MediaRoutes.Join)).GetProperty("epoch").GetInt64());
        Assert.Equal(1, _zero.Received(MediaRoutes.RetireRoom).First().GetProperty("epoch").GetInt64());
        Assert.Empty(_zero.Received(MediaRoutes.Leave));
        // And who comes now goes where the room is.
        Assert.Equal(2, (await Rooms.JoinAsync(new RoomCaller("s-bob", "bob", "Bob", All), new JoinRoomRequest("r"), default)).Epoch);
    }

    [Fact]
    public async Task With_no_other_node_a_draining_one_keeps_its_rooms()
    {
        _one.Load = _one.Load with { Full = true };
        await Eventually.TrueAsync(() => Directory.IsFull("media-1"), what: "the other node is full");
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Load = _zero.Load with { Draining = true };
        await Eventually.TrueAsync(() => Directory.IsDraining("media-0"), what: "it drains");
        Assert.Equal(1, (await Rooms.JoinAsync(new RoomCaller("s-bob", "bob", "Bob", All), new JoinRoomRequest("r"), default)).Epoch);
        Assert.DoesNotContain(HubEvent.Moved, _output.EventsOf("s-ann"));
    }

    [Fact]
    public async Task A_node_that_slept_is_told_what_it_has_lost_before_it_goes_on()
    {
        await _placements.CompareAndSetAsync("mine", null, new NodeProcess("media-0", "a"), default);
        await _placements.CompareAndSetAsync("lost", null, new NodeProcess("media-0", "a"), default);
        await _placements.CompareAndSetAsync("lost", 1, new NodeProcess("media-1", "b"), default);
        _zero.Rooms = [new RoomSnapshot("mine", 1, [], []), new RoomSnapshot("lost", 1, [], [])];
        _zero.Load = _zero.Load with { Fence = 3 };

        _zero.Reopen();

        await Eventually.TrueAsync(() => _zero.Received(MediaRoutes.Renew).Any(), what: "it is told");
        var renewed = _zero.Received(MediaRoutes.Renew).First();
        Assert.Equal(3, renewed.GetProperty("fence").GetInt64());
        var superseded = Assert.Single(renewed.GetProperty("superseded").EnumerateArray());
        Assert.Equal(("lost", 2L), (superseded.GetProperty("room").GetString(), superseded.GetProperty("epoch").GetInt64()));
        // Until then nobody is sent to a copy of it by what it says itself.
        Assert.Equal("media-1", (await _host.Services.GetRequiredService<RoomPlacer>().PlaceAsync("lost", default)).Node);
    }

    [Fact]
    public async Task When_the_room_s_node_is_full_who_comes_next_joins_a_part_of_it_elsewhere()
    {
        var ann = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Tell(Facts.Joined("x"));
        _zero.Load = _zero.Load with { Full = true };
        await Eventually.TrueAsync(() => Directory.IsFull("media-0") && Directory.Rooms().Count == 1, what: "the room's node is full");

        var bob = await Rooms.JoinAsync(new RoomCaller("s-bob", "bob", "Bob", All), new JoinRoomRequest("r"), default);

        Assert.Equal(ann.Epoch, bob.Epoch);
        Assert.Equal(bob.Participant, Assert.Single(_one.Received(MediaRoutes.Join)).GetProperty("participant").GetString());
        // Both ends of one link, the new part dialling the room's place, under the same keys.
        var (accept, dial) = (Assert.Single(_zero.Received(MediaRoutes.Relay)), Assert.Single(_one.Received(MediaRoutes.Relay)));
        foreach (var member in new[] { "link", "keys", "ufrag", "pwd", "epoch" })
            Assert.Equal(accept.GetProperty(member).ToString(), dial.GetProperty(member).ToString());
        Assert.Equal("127.0.0.1:40000", dial.GetProperty("dial").GetString());
        Assert.False(accept.TryGetProperty("dial", out var none) && none.ValueKind == System.Text.Json.JsonValueKind.String);
        Assert.Equal(accept.GetProperty("ownSsrc").GetUInt32(), dial.GetProperty("remoteSsrc").GetUInt32());
        // Those at the room's place are among the participants, and ann stays where she is.
        Assert.Contains(bob.Participants, static one => one.Participant == "x");
        Assert.Equal(ann.Participant, (await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default)).Participant);
        Assert.Equal(2, _zero.Received(MediaRoutes.Join).Count());
    }

    [Fact]
    public async Task A_silent_stream_alone_does_not_lose_the_node()
    {
        _zero.Beats = false;
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        // Two silences long: the stream has been opened anew meanwhile, and the node answered.
        var seen = Directory.Nodes().Single(node => node.Node == "media-0").LastHeartbeat;
        await Eventually.TrueAsync(() => Directory.Nodes().Single(node => node.Node == "media-0").LastHeartbeat > seen, what: "the stream was opened anew");
        Assert.Equal(NodeState.Live, Directory.Nodes().Single(node => node.Node == "media-0").State);
        Assert.DoesNotContain(HubEvent.Moved, _output.EventsOf("s-ann"));
    }
}
