using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.MediaControl;

public sealed class RoomServiceTests : IAsyncLifetime
{
    static readonly Grants All = new(Rooms: ["*"], Publish: true, Subscribe: true);
    static readonly RoomCaller Ann = new("s-ann", "ann", "Ann", All);
    readonly RecordedOutput _output = new();
    readonly MemoryPlacements _placements = new();
    readonly MemoryLeaves _leaves = new();
    FakeNode _zero = null!;
    FakeNode _one = null!;
    IHost _host = null!;

    RoomService Rooms => _host.Services.GetRequiredService<RoomService>();
    NodeDirectory Directory => _host.Services.GetRequiredService<NodeDirectory>();

    public async ValueTask InitializeAsync()
    {
        _zero = await FakeNode.StartAsync("media-0");
        _one = await FakeNode.StartAsync("media-1");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Media:Nodes"] = "media-0,media-1",
            ["Media:ControlSecret"] = FakeNode.Secret,
            ["services:media-0:control:0"] = _zero.Address,
            ["services:media-1:control:0"] = _one.Address,
        });
        builder.Logging.ClearProviders();
        builder.Services.AddCrashSafety();
        builder.Services.AddSingleton<ISessionOutput>(_output).AddSingleton<IPlacementStore>(_placements).AddSingleton<ISessionRooms>(_placements).AddSingleton<IPendingLeaves>(_leaves);
        builder.AddMediaControl();
        _host = builder.Build();
        await _host.StartAsync();
        await Eventually.TrueAsync(() => Directory.Nodes().All(node => node.State == NodeState.Live), what: "both nodes are live");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _zero.DisposeAsync();
        await _one.DisposeAsync();
    }

    [Fact]
    public async Task A_room_is_placed_once_and_joined_there()
    {
        var ann = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        var bob = await Rooms.JoinAsync(new RoomCaller("s-bob", "bob", "Bob", All), new JoinRoomRequest("r"), default);

        Assert.Equal((1, 1), (ann.Epoch, bob.Epoch));
        Assert.NotEqual(ann.Participant, bob.Participant);
        Assert.Equal(2, _zero.Received(MediaRoutes.Join).Count());
        Assert.Empty(_one.Commands);
        Assert.Equal([new SessionRoom("r", 1, ann.Participant)], _placements.Sessions["s-ann"]);
    }

    [Fact]
    public async Task Joining_again_keeps_the_participant()
    {
        var first = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        var second = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        Assert.Equal(first.Participant, second.Participant);
    }

    [Fact]
    public async Task Joining_again_in_vain_loses_nothing()
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Answer = (route, _) => route == MediaRoutes.Join ? Results.StatusCode(503) : null;
        await Assert.ThrowsAsync<RealtimeException>(() => Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default));
        Assert.Equal("answer", (await Rooms.NegotiateAsync(Ann, new NegotiateRequest("r", 1, "offer"), default)).Sdp);
        Assert.Empty(_zero.Received(MediaRoutes.Leave));
    }

    [Theory]
    [InlineData("", ErrorCode.Invalid)]
    [InlineData("has space", ErrorCode.Invalid)]
    [InlineData("secret", ErrorCode.Forbidden)]
    public async Task What_is_not_granted_or_malformed_never_reaches_a_node(string room, string code)
    {
        var caller = Ann with { Grants = new Grants(Rooms: ["team-*"]) };
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => Rooms.JoinAsync(caller, new JoinRoomRequest(room), default));
        Assert.Equal((code, "room"), (refused.Error.Code, refused.Error.Field));
        Assert.Empty(_zero.Commands);
    }

    [Fact]
    public async Task An_attempt_that_fails_is_made_again_with_the_same_id()
    {
        var failures = 1;
        _zero.Answer = (route, _) => route == MediaRoutes.Join && failures-- > 0 ? Results.StatusCode(503) : null;

        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);

        var ids = _zero.Received(MediaRoutes.Join).Select(body => body.GetProperty("commandId").GetString()).ToArray();
        Assert.Equal(2, ids.Length);
        Assert.Equal(ids[0], ids[1]);
    }

    [Theory]
    [InlineData(ErrorCode.Invalid, 400)]
    [InlineData(ErrorCode.Internal, 500)]
    public async Task A_refusal_of_the_node_and_a_fault_it_contained_are_the_callers_and_open_no_circuit(string code, int status)
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Answer = (route, _) => route == MediaRoutes.Negotiate
            ? Results.Json(new RealtimeError(code, "No fingerprint.", "sdp"), ContractsJson.Options, statusCode: status)
            : null;
        for (var i = 0; i < 10; i++)
        {
            var refused = await Assert.ThrowsAsync<RealtimeException>(() => Rooms.NegotiateAsync(Ann, new NegotiateRequest("r", 1, "offer"), default));
            Assert.Equal((code, "sdp"), (refused.Error.Code, refused.Error.Field));
        }

        _zero.Answer = static (_, _) => null;
        Assert.Equal("answer", (await Rooms.NegotiateAsync(Ann, new NegotiateRequest("r", 1, "offer"), default)).Sdp);
    }

    [Fact]
    public async Task An_offer_for_another_epoch_is_a_conflict()
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => Rooms.NegotiateAsync(Ann, new NegotiateRequest("r", 2, "offer"), default));
        Assert.Equal((ErrorCode.Conflict, "epoch"), (refused.Error.Code, refused.Error.Field));
    }

    [Fact]
    public async Task A_leave_is_told_until_it_is_acknowledged()
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        var failures = 3;
        _zero.Answer = (route, _) => route == MediaRoutes.Leave && Interlocked.Decrement(ref failures) >= 0 ? Results.StatusCode(500) : null;

        Rooms.SessionEnded("s-ann", [], LeaveReason.SessionEnded);

        await Eventually.TrueAsync(() => _zero.Received(MediaRoutes.Leave).Count() == 4, what: "three failures and the acknowledgement");
        Assert.Single(_zero.Received(MediaRoutes.Leave).Select(body => body.GetProperty("commandId").GetString()).Distinct());
    }

    [Fact]
    public async Task Facts_of_the_node_reach_the_people_in_the_room()
    {
        var ann = await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        _zero.Tell(new SectionsNeededEvent("r", 1, ann.Participant, 1, 1));
        _zero.Tell(Facts.Joined("x"));
        await Eventually.TrueAsync(() => _output.EventsOf("s-ann").Contains(HubEvent.ParticipantJoined), what: "the newcomer is announced");
    }

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

    [Fact]
    public async Task A_leave_is_kept_until_its_node_has_acknowledged_it_and_another_replica_sends_it_when_this_one_died()
    {
        await Rooms.JoinAsync(Ann, new JoinRoomRequest("r"), default);
        await Rooms.LeaveAsync(Ann, new LeaveRoomRequest("r"), default);
        await Eventually.TrueAsync(() => _zero.Received(MediaRoutes.Leave).Count() == 1 && _leaves.Rows.IsEmpty, what: "acknowledged and forgotten");

        // Left behind by a replica that was killed between the two.
        var owed = new PendingLeave("owed", new Placement("r", "media-0", 1), "ghost", LeaveReason.Left);
        await _leaves.AddAsync([owed], DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, default);
        Assert.Equal(1, await _host.Services.GetRequiredService<LeaveSweeper>().SweepAsync(default));
        Assert.Equal("ghost", _zero.Received(MediaRoutes.Leave).Last().GetProperty("participant").GetString());
        Assert.Empty(_leaves.Rows);

        // A node that refuses to answer is asked again, and not for ever.
        _zero.Answer = static (route, _) => route == MediaRoutes.Leave ? Results.StatusCode(500) : null;
        await _leaves.AddAsync([owed], DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, default);
        for (var i = 2; i < LeaveSweeper.MaxAttempts; i++)
        {
            Assert.Equal(0, await _host.Services.GetRequiredService<LeaveSweeper>().SweepAsync(default));
            _leaves.Expire();
        }
        Assert.Equal(1, await _host.Services.GetRequiredService<LeaveSweeper>().SweepAsync(default));
        Assert.Empty(_leaves.Rows);
    }
}
