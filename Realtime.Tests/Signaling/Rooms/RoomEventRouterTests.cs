using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;
using Xunit;
using static Realtime.Tests.Signaling.Rooms.Facts;

namespace Realtime.Tests.Signaling.Rooms;

public class RoomEventRouterTests
{
    readonly LocalParticipants _local = new();
    readonly RecordedOutput _output = new();
    readonly RoomEventRouter _router;

    public RoomEventRouterTests()
    {
        _router = new RoomEventRouter(_local, _output);
        _local.TryAdd(Local("a"));
        _local.TryAdd(Local("b"));
    }

    [Fact]
    public void Nobody_is_told_of_the_own_arrival()
    {
        _router.Route(Joined("a"));
        Assert.Equal([("s-b", HubEvent.ParticipantJoined)], _output.Sent.Select(one => (one.Session, one.Event)));
    }

    [Fact]
    public void Only_the_publisher_learns_its_mid()
    {
        _router.Route(Published("t", "a", mid: "3"));
        Assert.Equal("3", Payload<TrackPublishedEvent>("s-a").Mid);
        Assert.Null(Payload<TrackPublishedEvent>("s-b").Mid);
    }

    [Fact]
    public void Sections_and_bindings_reach_the_one_concerned()
    {
        _router.Route(new SectionsNeededEvent("r", 1, "a", 1, 2));
        _router.Route(new SectionBoundEvent("r", 1, "b", "4", "a", "t"));
        Assert.Equal([("s-a", HubEvent.Sections), ("s-b", HubEvent.Bound)], _output.Sent.Select(one => (one.Session, one.Event)));
    }

    [Fact]
    public void Who_left_is_told_and_forgotten()
    {
        _router.Route(Left("a"));
        Assert.Equal(["s-a", "s-b"], _output.Sent.Select(one => one.Session).Order());
        Assert.Null(_local.Find("s-a", "r"));
        Assert.NotNull(_local.Find("s-b", "r"));
    }

    [Fact]
    public void A_closed_room_is_left_by_all_of_its_epoch_alone()
    {
        _local.TryAdd(Local("c", epoch: 2));
        _router.Route(new RoomClosedEvent("r", 1, LeaveReason.RoomClosed));
        Assert.Equal(["c"], _local.InRoom("r").Select(one => one.Participant));
    }

    T Payload<T>(string session) => (T)_output.Sent.Single(one => one.Session == session).Payload;
}
