using Realtime.Contracts;
using Realtime.Web.Live;
using Realtime.Web.Model;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>What the console's model makes of a snapshot.</summary>
public class ConsoleViewTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static AdminSnapshot Snapshot(int rooms, int peoplePerRoom = 1, params CircuitInfo[] circuits) => new(
        "signaling-0", Now, "normal", [], 0, [],
        [.. Enumerable.Range(0, rooms).Select(i => new RoomInfo($"r{i:000}", "media-0", 1, peoplePerRoom + (i % 2), 0))],
        [.. Enumerable.Range(0, rooms).SelectMany(i => Enumerable.Range(0, peoplePerRoom).Select(j => new AdminParticipant($"r{i:000}", $"p{j:000}", "u", "n", "connected", Now, [])))],
        circuits);

    static CircuitInfo Circuit(string name, string state) => new(name, state, 0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>(), new Dictionary<string, long>());

    [Theory]
    [InlineData(0, null, Freshness.Live)]
    [InlineData(4, null, Freshness.Live)]
    [InlineData(6, null, Freshness.Stale)]
    [InlineData(0, "Signaling ended the feed.", Freshness.Stale)]
    public void Old_or_broken_is_stale(int secondsOld, string? problem, Freshness expected) =>
        Assert.Equal(expected, ConsoleView.From(new FeedState(1, Snapshot(1), Now.AddSeconds(-secondsOld), problem), Now).Freshness);

    [Fact]
    public void Nothing_is_loading_until_we_know_why()
    {
        Assert.Equal(Freshness.Loading, ConsoleView.From(FeedState.Nothing, Now).Freshness);
        Assert.Equal(Freshness.Unreachable, ConsoleView.From(FeedState.Nothing with { Problem = "away" }, Now).Freshness);
    }

    [Fact]
    public void A_thousand_rooms_are_drawn_in_part_and_counted_whole()
    {
        var view = ConsoleView.From(new FeedState(1, Snapshot(1000, 60), Now, null), Now);
        Assert.Equal(ConsoleView.MaxRooms, view.Rooms.Count);
        Assert.Equal(800, view.RoomsLeftOut);
        Assert.Equal("r001", view.Rooms[0].Room.Room);
        Assert.All(view.Rooms, static room => Assert.Equal((RoomView.MaxPeople, 10), (room.People.Count, room.PeopleLeftOut)));
    }

    [Fact]
    public void Trouble_comes_first() => Assert.Equal(
        ["redis", "media-1", "database", "media-0"],
        ConsoleView.From(new FeedState(1, Snapshot(0, 0, Circuit("media-0", "closed"), Circuit("redis", "open"), Circuit("database", "closed"), Circuit("media-1", "halfOpen")), Now, null), Now)
            .Circuits.Select(static circuit => circuit.Name));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(12_345, "12.3 k")]
    [InlineData(4_200_000, "4.2 M")]
    public void Numbers_are_short(long value, string text) => Assert.Equal(text, Numbers.Short(value));
}
