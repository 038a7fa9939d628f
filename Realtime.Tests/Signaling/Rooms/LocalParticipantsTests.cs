using Realtime.Contracts;
using Realtime.Signaling.Rooms;
using Xunit;
using static Realtime.Tests.Signaling.Rooms.Facts;

namespace Realtime.Tests.Signaling.Rooms;

public class LocalParticipantsTests
{
    readonly LocalParticipants _local = new();

    [Fact]
    public void Joining_again_takes_the_place_of_the_earlier_presence()
    {
        var first = Local("a");
        var second = new LocalParticipant(first.Caller, "r", "a2", first.Placement, null);
        Assert.True(_local.TryAdd(first));
        Assert.True(_local.TryAdd(second));
        Assert.Equal(["a2"], _local.InRoom("r").Select(one => one.Participant));
        Assert.Same(second, _local.Find("s-a", "r"));
    }

    [Fact]
    public void Removing_a_replaced_presence_leaves_its_successor()
    {
        var first = Local("a");
        var second = new LocalParticipant(first.Caller, "r", "a", first.Placement, null);
        _local.TryAdd(first);
        _local.TryAdd(second);
        _local.Remove(first);
        Assert.Same(second, _local.FindParticipant("r", "a"));
    }

    [Fact]
    public void A_session_is_in_so_many_rooms_and_no_more()
    {
        var caller = new RoomCaller("s", "u", "n", Grants.None);
        for (var i = 0; i < LocalParticipants.MaxRoomsPerSession; i++)
            Assert.True(_local.TryAdd(new LocalParticipant(caller, $"r{i}", $"p{i}", new Placement($"r{i}", "media-0", 1), null)));
        Assert.False(_local.TryAdd(new LocalParticipant(caller, "one-more", "p", new Placement("one-more", "media-0", 1), null)));
        Assert.Equal(LocalParticipants.MaxRoomsPerSession, _local.RemoveSession("s").Count);
        Assert.Empty(_local.Rooms());
    }

    [Fact]
    public void One_negotiation_at_a_time()
    {
        var participant = Local("a");
        Assert.True(participant.TryBeginNegotiation());
        Assert.False(participant.TryBeginNegotiation());
        participant.EndNegotiation();
        Assert.True(participant.TryBeginNegotiation());
    }

    [Theory]
    [InlineData("live", 3, "live", 1, "b")]
    [InlineData("draining", 0, "live", 9, "b")]
    [InlineData("lost", 0, "lost", 0, null)]
    [InlineData("live", 2, "live", 2, "a")]
    public void The_emptiest_live_node_gets_the_room(string stateA, int peersA, string stateB, int peersB, string? chosen)
    {
        NodeInfo[] nodes = [Node("b", stateB, peersB), Node("a", stateA, peersA)];
        Assert.Equal(chosen, NodeChoice.Choose(nodes));
    }

    static NodeInfo Node(string name, string state, int peers) => new(name, state, "boot", Now, 1, peers, 0, 0, 0, 0);
}
