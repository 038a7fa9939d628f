using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Isolation;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class Leaving
{
    [Fact]
    public void A_leave_is_told_says_goodbye_and_frees_the_room_when_it_was_the_last()
    {
        using var node = new VirtualNode(seed: 40);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        node.Leave(alice);
        node.Run(TimeSpan.FromMilliseconds(100));

        Assert.True(alice.HeardGoodbye);
        Assert.Equal(LeaveReason.Left, node.Told<PeerLeftEvent>("alice").Single().Reason);
        Assert.Equal(2, node.Told<UnpublishedEvent>("alice").Count());
        Assert.Equal((1, 1, 2), (node.Counters.Rooms, node.Counters.Peers, node.Counters.Tracks));
        node.Leave(bob);
        // Leaving twice is fine.
        node.Leave(bob);
        Assert.Equal((0, 0, 0), (node.Counters.Rooms, node.Counters.Peers, node.Counters.Tracks));
        Assert.Single(node.Told<PeerLeftEvent>("bob"));
    }

    [Fact]
    public void A_closed_browser_is_gone_at_once()
    {
        using var node = new VirtualNode(seed: 41);
        var alice = node.JoinPublishing("alice");
        node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        node.Act(alice, alice.Close);
        node.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(LeaveReason.TransportClosed, node.Told<PeerLeftEvent>("alice").Single().Reason);
    }

    [Fact]
    public void A_silent_peer_is_gone_after_thirty_seconds_and_not_before()
    {
        using var node = new VirtualNode(seed: 42);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        node.Link.Unplugged.Add(alice.Address);
        node.Run(TimeSpan.FromSeconds(29.5));
        Assert.Empty(node.Told<PeerLeftEvent>("alice"));
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(LeaveReason.ConsentExpired, node.Told<PeerLeftEvent>("alice").Single().Reason);
        Assert.Empty(node.Told<PeerLeftEvent>("bob"));
        Assert.True(bob.IsConnected);
    }

    [Fact]
    public void One_who_joined_and_never_connects_stays_but_one_who_offered_must_connect()
    {
        using var node = new VirtualNode(seed: 43);
        node.Join("reader");
        var alice = node.Join("alice");
        alice.Publish(Realtime.Media.Sdp.SectionKind.Audio);
        Assert.Null(node.TryNegotiate(alice).Error);
        node.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(LeaveReason.ConsentExpired, node.Told<PeerLeftEvent>("alice").Single().Reason);
        Assert.Empty(node.Told<PeerLeftEvent>("reader"));
    }

    [Fact]
    public void A_higher_epoch_ends_the_old_copy_and_a_lower_one_is_refused()
    {
        using var node = new VirtualNode(seed: 44);
        var alice = node.JoinPublishing("alice");
        node.Run(TimeSpan.FromSeconds(1));
        var outbox = new Outbox();
        var info = new ParticipantInfo("bob", "user-bob", "bob", DateTimeOffset.UnixEpoch);
        WorkerReply<JoinPeerResult> Join(long epoch) => node.Worker.Join(
            node.Now, new JoinPeerCommand($"j{epoch}", VirtualNode.Room, epoch, "bob", "user-bob", "bob", true, true), info, admitNewRooms: true, outbox);

        Assert.Equal(["bob"], Join(3).Value!.Participants.Select(participant => participant.Participant));
        Assert.Equal(LeaveReason.RoomClosed, node.Told<PeerLeftEvent>("alice").Single().Reason);
        Assert.Equal((1L, "superseded"), (node.Told<RoomClosedEvent>().Single().Epoch, node.Told<RoomClosedEvent>().Single().Reason));
        Assert.Equal(ErrorCode.Conflict, Join(2).Error!.Code);
        Assert.Equal(ErrorCode.Conflict, node.TryNegotiate(alice).Error!.Code);
        // The fence outlives the room.
        node.Worker.CloseRoom(node.Now, new CloseRoomCommand("c", VirtualNode.Room, 3, "test"), outbox);
        Assert.Equal(0, node.Counters.Rooms);
        Assert.Equal(ErrorCode.Conflict, Join(2).Error!.Code);
    }
}
