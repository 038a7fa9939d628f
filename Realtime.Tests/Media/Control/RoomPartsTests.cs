using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Control;
using Realtime.Media.Isolation;
using Xunit;

namespace Realtime.Tests.Media.Control;

public sealed class RoomPartsTests
{
    const string Room = "room";
    readonly RoomParts _parts = new(workers: 3, peersPerPart: 2);

    static int Home => Placement.WorkerOf(Room, 3);

    [Fact]
    public void A_room_stays_on_its_worker_until_it_has_outgrown_it()
    {
        Assert.All(Take("a", "b"), static seat => Assert.Equal((Home, null), (seat.Worker, seat.Link)));
        var third = _parts.Take(Room, 1, "c");
        Assert.NotEqual(Home, third.Worker);
        Assert.NotNull(third.Link);
        // The next one comes into the part that is there, by the same link.
        Assert.Equal((third.Worker, null), (_parts.Take(Room, 1, "d").Worker, _parts.Take(Room, 1, "d").Link));
        Assert.Equal([Home, third.Worker], _parts.WorkersOf(Room));
        Assert.Equal(third.Worker, _parts.WorkerOf(Room, "c"));
        Assert.Equal(Home, _parts.WorkerOf(Room, "a"));
    }

    [Fact]
    public void Whoever_joins_again_keeps_the_place()
    {
        Take("a", "b");
        var seat = _parts.Take(Room, 1, "c");
        Assert.Equal((seat.Worker, null, false), (_parts.Take(Room, 1, "c").Worker, _parts.Take(Room, 1, "c").Link, _parts.Take(Room, 1, "c").IsNew));
    }

    [Fact]
    public void A_part_that_is_empty_gives_its_link_back_and_the_next_one_gets_a_new_one()
    {
        Take("a", "b");
        var seat = _parts.Take(Room, 1, "c");
        Assert.Null(_parts.Heard(seat.Worker, Left("a")));
        Assert.Equal(seat.Link, _parts.Heard(seat.Worker, Left("c")));
        Assert.Equal([Home], _parts.WorkersOf(Room));
        var again = _parts.Take(Room, 1, "d");
        Assert.NotNull(again.Link);
        Assert.NotEqual(seat.Link, again.Link);
    }

    [Fact]
    public void A_refused_join_takes_no_place()
    {
        Take("a", "b");
        var seat = _parts.Take(Room, 1, "c");
        Assert.Equal(seat.Link, _parts.Release(Room, 1, "c"));
        Assert.Equal(Home, _parts.WorkerOf(Room, "c"));
    }

    [Fact]
    public void A_higher_epoch_begins_anew_and_a_lower_one_changes_nothing()
    {
        Take("a", "b");
        _parts.Take(Room, 1, "c");
        Assert.Equal((Home, true), (_parts.Take(Room, 2, "c").Worker, true));
        Assert.False(_parts.Take(Room, 1, "x").IsNew);
        Assert.Null(_parts.Heard(Home, Left("c")));
        Assert.Equal(Home, _parts.WorkerOf(Room, "c"));
    }

    [Fact]
    public void Nothing_is_left_of_a_room_that_is_empty()
    {
        foreach (var one in new[] { "a", "b", "c", "d", "e", "f", "g" }) _parts.Take(Room, 1, one);
        foreach (var one in new[] { "a", "b", "c", "d", "e", "f", "g" }) _parts.Heard(_parts.WorkerOf(Room, one), Left(one));
        Assert.Equal([Home], _parts.WorkersOf(Room));
        Assert.Null(_parts.Take(Room, 1, "h").Link);
    }

    List<RoomParts.Seat> Take(params string[] people) => [.. people.Select(one => _parts.Take(Room, 1, one))];

    static PeerLeftEvent Left(string participant) => new(Room, 1, participant, LeaveReason.Left);
}
