using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;
using Xunit;
using static Realtime.Tests.Signaling.Rooms.Facts;

namespace Realtime.Tests.Signaling.Rooms;

public class NodeViewTests
{
    readonly NodeView _view = new("media-0");

    IReadOnlyList<MediaRoomEvent> Apply(MediaEvent message) => _view.Apply(message, Now);

    [Fact]
    public void A_fact_is_news_once()
    {
        Assert.Single(Apply(Joined("a")));
        Assert.Empty(Apply(Joined("a")));
        Assert.Single(Apply(Published("t", "a")));
        Assert.Empty(Apply(Published("t", "a")));
        Assert.Single(Apply(Left("a")));
        Assert.Empty(Apply(Left("a")));
        Assert.Equal(0, _view.Room("r")!.TrackCount);
    }

    [Fact]
    public void A_snapshot_after_a_gap_tells_only_the_difference()
    {
        Apply(Snapshot("boot-1", Room(["a", "b"], [Track("ta", "a"), Track("tb", "b")])));

        var news = Apply(Snapshot("boot-1", Room(["b", "c"], [Track("tb", "b", muted: true), Track("tc", "c")])));

        Assert.Contains(news, one => one is UnpublishedEvent { Track: "ta" });
        Assert.Contains(news, one => one is PeerLeftEvent { Participant: "a" });
        Assert.Contains(news, one => one is PeerJoinedEvent { Participant.Participant: "c" });
        Assert.Contains(news, one => one is PublishedEvent { Track.Track: "tc" });
        Assert.DoesNotContain(news, one => one is PeerJoinedEvent { Participant.Participant: "b" });
        Assert.Empty(Apply(Snapshot("boot-1", Room(["b", "c"], [Track("tb", "b", muted: true), Track("tc", "c")]))));
    }

    [Fact]
    public void A_room_that_is_gone_was_closed_but_after_a_reboot_it_was_lost()
    {
        Apply(Snapshot("boot-1", Room(["a"], [])));
        Assert.IsType<RoomClosedEvent>(Assert.Single(Apply(Snapshot("boot-1"))));

        Apply(Snapshot("boot-1", Room(["a"], [])));
        Assert.Empty(Apply(Snapshot("boot-2")));
        Assert.Null(_view.Room("r"));
    }

    [Fact]
    public void A_room_that_everybody_has_left_is_forgotten_after_a_while_unless_somebody_comes_or_another_part_lives()
    {
        Apply(Joined("a"));
        Apply(Left("a"));
        _view.ForgetEmpty(Now + TimeSpan.FromSeconds(59), static _ => false);
        Assert.NotNull(_view.Room("r")?.Departure("a"));
        _view.ForgetEmpty(Now + TimeSpan.FromSeconds(60), static _ => true);
        Assert.True(_view.Room("r")!.IsLeft);
        _view.ForgetEmpty(Now + TimeSpan.FromSeconds(120), static _ => false);
        Assert.Null(_view.Room("r"));

        Apply(Joined("b"));
        Apply(Left("b"));
        Apply(Joined("c"));
        _view.ForgetEmpty(Now + TimeSpan.FromHours(1), static _ => false);
        Assert.Single(_view.Room("r")!.Peers);
    }

    [Fact]
    public void What_moderators_set_ends_with_the_last_one_who_leaves()
    {
        Apply(Joined("a"));
        Apply(new RoomUpdatedEvent("r", 1, new RoomSettings(LastN: 4)));
        Assert.Equal(4, _view.Kept("r")!.Settings.LastN);
        Apply(Left("a"));
        Assert.Null(_view.Kept("r"));
    }

    [Fact]
    public void A_flood_of_rooms_that_are_left_is_bounded()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Apply(new PeerJoinedEvent($"r{i}", 1, Person("a")));
            Apply(new PeerLeftEvent($"r{i}", 1, "a", LeaveReason.Left));
        }
        _view.ForgetEmpty(Now, static _ => true);
        Assert.InRange(_view.Rooms.Count, 1, 4096);
    }

    [Fact]
    public void Viewers_come_and_go_untold()
    {
        var viewer = Person("v") with { Via = JoinedVia.Whep };
        Assert.Single(Apply(Joined("a")));
        Assert.Empty(Apply(new PeerJoinedEvent("r", 1, viewer, "jti")));
        Assert.Equal(2, _view.Room("r")!.Peers.Count);
        Assert.DoesNotContain(_view.Room("r")!.Retell("a"), fact => fact is PeerJoinedEvent);
        Assert.Empty(Apply(Left("v")));
        Assert.Empty(_view.Room("r")!.Retell("a"));
    }

    [Fact]
    public void Facts_of_an_older_epoch_are_nothing()
    {
        Apply(Joined("a", epoch: 2));
        Assert.Empty(Apply(Joined("b", epoch: 1)));
        Assert.Empty(Apply(new RoomClosedEvent("r", 1, LeaveReason.RoomClosed)));
        Assert.Single(Apply(Joined("b", epoch: 3)));
        Assert.Equal(["b"], _view.Room("r")!.Peers.Select(peer => peer.Info.Participant));
    }

    [Fact]
    public void State_follows_heartbeats_and_loss()
    {
        Assert.Equal(NodeState.Lost, _view.State);
        Apply(new HeartbeatEvent(NoLoad));
        Assert.Equal(NodeState.Live, _view.State);
        Apply(new HeartbeatEvent(NoLoad with { Draining = true }));
        Assert.Equal(NodeState.Draining, _view.State);
        _view.Lose();
        Assert.Equal(NodeState.Lost, _view.State);
    }

    [Fact]
    public void Whoever_was_away_hears_departures_first_then_all_there_is()
    {
        foreach (var fact in new MediaRoomEvent[] { Joined("a"), Joined("b"), Joined("c"), Published("tb", "b"), Published("tc", "c") })
            Apply(fact);
        Apply(new SectionsNeededEvent("r", 1, "a", 0, 2));
        Apply(new SectionBoundEvent("r", 1, "a", "1", "b", "tb"));
        Apply(new SectionBoundEvent("r", 1, "a", "2", "c", "tc"));
        Apply(new SectionBoundEvent("r", 1, "a", "2"));
        Apply(Left("c"));

        var story = _view.Room("r")!.Retell("a");

        Assert.IsType<PeerLeftEvent>(story[0]);
        Assert.Equal(["b"], story.OfType<PeerJoinedEvent>().Select(one => one.Participant.Participant));
        Assert.Equal(["tb"], story.OfType<PublishedEvent>().Select(one => one.Track.Track));
        Assert.Equal(2, story.OfType<SectionsNeededEvent>().Single().Video);
        Assert.Equal("1", story.OfType<SectionBoundEvent>().Single().Mid);
    }

    [Fact]
    public void Departures_are_bounded()
    {
        for (var i = 0; i < RoomView.MaxDepartures * 2; i++)
        {
            Apply(Joined($"p{i}"));
            Apply(Left($"p{i}"));
        }

        Assert.Equal(RoomView.MaxDepartures, _view.Room("r")!.Retell("a").Count);
    }
}
