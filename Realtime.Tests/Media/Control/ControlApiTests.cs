using System.Net;
using System.Net.Http.Json;
using System.Text;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Control;
using Xunit;

namespace Realtime.Tests.Media.Control;

public sealed class ControlApiTests
{
    [Fact]
    public async Task Only_signaling_gets_in_and_only_over_its_own_port()
    {
        await using var node = await RunningNode.StartAsync();
        string[] refused =
        [
            "", "nonsense", RunningNode.Token(audience: "media-other"), RunningNode.Token(issuer: "somebody"),
            RunningNode.Token(secret: "another-secret-of-more-than-32-bytes!!"), RunningNode.Token(secondsLeft: -60),
        ];
        foreach (var token in refused)
        {
            foreach (var route in new[] { MediaRoutes.Snapshot, MediaRoutes.Events, "/status/circuit-breakers", "/api/actions", "/admin/debug", "/admin/profile" })
            {
                using var response = await node.SendAsync(HttpMethod.Get, route, token: token);
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            }
        }

        using var actions = await node.SendAsync(HttpMethod.Get, "/api/actions?limit=1");
        Assert.Equal(HttpStatusCode.OK, actions.StatusCode);
        using var elsewhere = await node.SendAsync(HttpMethod.Get, MediaRoutes.Snapshot, to: node.Public, version: HttpVersion.Version11);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var alive = await node.SendAsync(HttpMethod.Get, "/alive", to: node.Public, version: HttpVersion.Version11);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task A_command_sent_twice_is_executed_once()
    {
        await using var node = await RunningNode.StartAsync();
        using var events = await node.OpenEventsAsync();
        var join = node.Joining("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, join)));
        Assert.Single(answers.Select(answer => Assert.Single(answer.Participants).JoinedAt).Distinct());
        await node.PostAsync<LeavePeerCommand, Done>(MediaRoutes.Leave, new LeavePeerCommand(node.NextId(), "room", 1, "alice", LeaveReason.Left));
        // Remembered: it does not join again.
        await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, join);
        using var snapshot = await node.SendAsync(HttpMethod.Get, MediaRoutes.Snapshot);
        Assert.Empty((await snapshot.Content.ReadFromJsonAsync<NodeSnapshot>(ContractsJson.Options))!.Rooms);
    }

    [Fact]
    public async Task Refusals_say_whose_fault_it_was()
    {
        await using var node = await RunningNode.StartAsync();
        await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining("alice", epoch: 5));

        Assert.Equal((HttpStatusCode.Conflict, ErrorCode.Conflict), Short(await node.RefusedAsync(MediaRoutes.Join, node.Joining("bob", epoch: 4))));
        var unreadable = await node.RefusedAsync(MediaRoutes.Negotiate, new NegotiatePeerCommand(node.NextId(), "room", 5, "alice", "v=0\r\nnonsense"));
        Assert.Equal((HttpStatusCode.BadRequest, ErrorCode.Invalid), Short(unreadable));
        Assert.Equal("sdp", unreadable.Error.Field);
        Assert.Equal((HttpStatusCode.NotFound, ErrorCode.NotFound), Short(await node.RefusedAsync(MediaRoutes.SetTrack, new SetTrackCommand(node.NextId(), "room", 5, "alice", "no-such-track", true))));
        Assert.Equal((HttpStatusCode.NotFound, ErrorCode.NotFound), Short(await node.RefusedAsync(MediaRoutes.SetTrack, new SetTrackCommand(node.NextId(), "elsewhere", 5, "alice", "t", true))));
        Assert.Equal((HttpStatusCode.BadRequest, ErrorCode.Invalid), Short(await node.RefusedAsync(MediaRoutes.Join, new JoinPeerCommand("", "room", 5, "p", "u", "n", true, true))));
        Assert.Equal((HttpStatusCode.BadRequest, ErrorCode.Invalid), Short(await node.RefusedAsync(MediaRoutes.Join, new JoinPeerCommand(node.NextId(), "", 5, "p", "u", "n", true, true))));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, ErrorCode.TooLarge), Short(await node.RefusedAsync(
            MediaRoutes.Negotiate, new NegotiatePeerCommand(node.NextId(), "room", 5, "alice", new string('x', 600 * 1024)))));
        using var garbage = await node.SendAsync(HttpMethod.Post, MediaRoutes.Join, new StringContent("{\"room\":", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, garbage.StatusCode);
    }

    [Fact]
    public async Task A_draining_node_keeps_its_rooms_and_takes_no_new_one()
    {
        await using var node = await RunningNode.StartAsync();
        await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining("alice"));
        await node.PostAsync<DrainCommand, Done>(MediaRoutes.Drain, new DrainCommand(node.NextId()));
        // No 5xx: the node lives, and its circuit must stay closed.
        Assert.Equal((HttpStatusCode.Conflict, ErrorCode.Unavailable), Short(await node.RefusedAsync(MediaRoutes.Join, node.Joining("bob", room: "another"))));
        Assert.Equal(2, (await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining("bob"))).Participants.Count);
        await node.PostAsync<DrainCommand, Done>(MediaRoutes.Drain, new DrainCommand(node.NextId(), End: true));
        Assert.Single((await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining("bob", room: "another"))).Participants);
    }

    [Fact]
    public void A_drain_for_good_is_ended_by_nobody()
    {
        var drain = new Drain();
        drain.Begin();
        Assert.True(drain.TryEnd());
        Assert.False(drain.IsDraining);
        drain.Begin(forGood: true);
        Assert.False(drain.TryEnd());
        Assert.True(drain.IsDraining);
    }

    [Fact]
    public async Task The_stream_begins_with_a_snapshot_and_misses_and_repeats_nothing_after_it()
    {
        await using var node = await RunningNode.StartAsync();
        // Rooms on both workers.
        var joining = Task.WhenAll(Enumerable.Range(0, 200).Select(i => node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining($"p{i}", $"room-{i % 10}"))));
        using var events = await node.OpenEventsAsync();
        var first = await events.NextAsync();
        var snapshot = Assert.IsType<SnapshotEvent>(first);
        Assert.Equal(1, first.Seq);
        var known = snapshot.Snapshot.Rooms.SelectMany(room => room.Peers).Select(peer => peer.Participant.Participant).ToList();
        var seq = first.Seq;
        while (known.Count < 200)
        {
            var e = await events.NextAsync();
            Assert.Equal(++seq, e.Seq);
            Assert.Equal(first.Boot, e.Boot);
            if (e is PeerJoinedEvent joined) known.Add(joined.Participant.Participant);
        }

        await joining;
        Assert.Equal(200, known.Distinct().Count());
        Assert.IsType<HeartbeatEvent>(await events.NextAsync());
    }

    [Fact]
    public async Task Facts_of_a_room_reach_every_reader()
    {
        await using var node = await RunningNode.StartAsync();
        using var one = await node.OpenEventsAsync();
        using var two = await node.OpenEventsAsync();
        Assert.IsType<SnapshotEvent>(await one.NextFactAsync());
        Assert.IsType<SnapshotEvent>(await two.NextFactAsync());
        await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining("alice"));
        await node.PostAsync<CloseRoomCommand, Done>(MediaRoutes.CloseRoom, new CloseRoomCommand(node.NextId(), "room", 1, "test"));
        foreach (var reader in new[] { one, two })
        {
            Assert.Equal("alice", Assert.IsType<PeerJoinedEvent>(await reader.NextFactAsync()).Participant.Participant);
            Assert.Equal(LeaveReason.RoomClosed, Assert.IsType<PeerLeftEvent>(await reader.NextFactAsync()).Reason);
            Assert.Equal("test", Assert.IsType<RoomClosedEvent>(await reader.NextFactAsync()).Reason);
        }
    }

    static (HttpStatusCode, string) Short((HttpStatusCode Status, RealtimeError Error) refused) => (refused.Status, refused.Error.Code);
}
