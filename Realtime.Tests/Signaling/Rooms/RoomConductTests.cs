using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.Rooms;

/// <summary>What a replica knows of what goes on in a room, tells its people, and takes along when the room moves.</summary>
public sealed class RoomConductTests
{
    static readonly ParticipantInfo Ann = new("p-ann", "ann", "Ann", DateTimeOffset.UnixEpoch);
    static readonly TrackInfo Microphone = new("t1", "p-ann", MediaKind.Audio, "opus", false);

    static RoomView View()
    {
        var view = new RoomView("r", 1);
        view.Apply(new PeerJoinedEvent("r", 1, Ann));
        view.Apply(new PublishedEvent("r", 1, Microphone, "0"));
        return view;
    }

    [Fact]
    public void A_locked_mute_is_kept_by_user_and_kind_and_ends_with_the_lock()
    {
        var view = View();
        Assert.True(view.Apply(new MutedEvent("r", 1, "p-ann", "t1", true, ByModerator: true, Locked: true)));
        Assert.False(view.Apply(new MutedEvent("r", 1, "p-ann", "t1", true, ByModerator: true, Locked: true)));
        Assert.Equal([new SilencedUser("ann", MediaKind.Audio)], view.Keep().Silenced);
        Assert.True(view.Track("t1") is { Muted: true, MutedByModerator: true, Locked: true });
        // It stays when she goes: she may come back.
        view.Apply(new PeerLeftEvent("r", 1, "p-ann", LeaveReason.Kicked));
        Assert.Single(view.Silenced);
        Assert.Equal(LeaveReason.Kicked, view.Departure("p-ann")!.Reason);

        view = View();
        view.Apply(new MutedEvent("r", 1, "p-ann", "t1", true, ByModerator: true, Locked: true));
        Assert.True(view.Apply(new MutedEvent("r", 1, "p-ann", "t1", false, ByModerator: true)));
        Assert.Empty(view.Silenced);
        Assert.True(view.Track("t1") is { Muted: false, MutedByModerator: null, Locked: null });
    }

    [Fact]
    public void What_is_set_survives_the_node_and_a_snapshot()
    {
        var metadata = JsonSerializer.SerializeToElement(new { topic = "x" });
        var node = new NodeView("media-0");
        var room = new RoomSnapshot("r", 1, [new PeerSnapshot(Ann, "connected", [], 0, 0)], [Microphone], new RoomSettings(metadata, 10, 4), [new SilencedUser("ann", MediaKind.Audio)]);
        node.Apply(new SnapshotEvent(new NodeSnapshot("media-0", "boot-1", node.Load, [room])), DateTimeOffset.UnixEpoch);
        node.Lose();
        Assert.Equal((1, 4, 1), (node.Kept("r")!.Epoch, node.Kept("r")!.Settings.LastN, node.Kept("r")!.Silenced.Count));
        // The process is another one, and knows nothing of it.
        node.Apply(new SnapshotEvent(new NodeSnapshot("media-0", "boot-2", node.Load, [])), DateTimeOffset.UnixEpoch);
        Assert.Equal("x", node.Kept("r")!.Settings.Metadata!.Value.GetProperty("topic").GetString());
        Assert.Null(node.Room("r"));
    }

    [Fact]
    public void The_circuits_of_peers_are_named_by_their_node_and_go_with_it()
    {
        var node = new NodeView("media-0");
        node.Apply(new SnapshotEvent(new NodeSnapshot("media-0", "boot-1", node.Load, [])), DateTimeOffset.UnixEpoch);
        var circuit = new CircuitInfo("peer:r/ann", "open", 5, 0, 5, 0, 1, 0, 0, new Dictionary<string, long> { ["dtls"] = 5 }, new Dictionary<string, long>());
        node.Apply(new PeerCircuitsEvent([circuit]), DateTimeOffset.UnixEpoch);
        Assert.Equal(("media-0/peer:r/ann", "open"), (node.Circuits.Single().Name, node.Circuits.Single().State));
        node.Apply(new SnapshotEvent(new NodeSnapshot("media-0", "boot-2", node.Load, [])), DateTimeOffset.UnixEpoch);
        Assert.Empty(node.Circuits);
    }

    [Fact]
    public void Quality_is_told_to_all_in_a_small_room_and_to_oneself_in_a_large_one()
    {
        foreach (var (people, told) in new[] { (3, 3), (101, 1) })
        {
            var (local, output) = (new LocalParticipants(), new RecordedOutput());
            for (var i = 0; i < people; i++)
            {
                var caller = new RoomCaller($"s{i}", $"u{i}", $"U{i}", new Grants(Rooms: ["*"]));
                local.TryAdd(new LocalParticipant(caller, "r", $"p{i}", new Placement("r", "media-0", 1), null));
            }
            new RoomEventRouter(local, output).Route(new QualityChangedEvent("r", 1, "p0", new ConnectionQuality(QualityLevel.Poor, QualityReason.Loss, LinkDirection.Up)));
            Assert.Equal(told, output.Sent.Count(static one => one.Event == RoomHubEvent.Quality));
        }
    }

    [Fact]
    public void A_room_begins_as_the_longest_pattern_that_matches_says()
    {
        var options = new RoomOptions { LastN = 9, Overrides = { ["stage-*"] = new() { MaxPeers = 500 }, ["stage-main"] = new() { LastN = 1, SelfUnmute = false } } };
        Assert.Equal(new RoomSettings(null, RoomSettings.MostPeers, 9, true), options.For("standup"));
        Assert.Equal(new RoomSettings(null, 500, 9, true), options.For("stage-two"));
        Assert.Equal(new RoomSettings(null, RoomSettings.MostPeers, 1, false), options.For("stage-main"));
        options.Overrides["bad"] = new() { MaxPeers = 0 };
        Assert.Contains("Rooms:Overrides:bad:MaxPeers", new RoomOptions.Validator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }
}
