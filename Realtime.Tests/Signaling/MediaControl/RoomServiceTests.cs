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

public sealed partial class RoomServiceTests : IAsyncLifetime
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
