using System.Reflection;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Media.Harness;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

[Collection("FaultPoint")] // the point is one per process
public sealed class FaultsAreContained : IDisposable
{
    /// <summary>Rules match by room: scenarios in other rooms run meanwhile.</summary>
    const string Faulty = "faulty-room";

    readonly FaultInjector injector = new(TimeProvider.System, new Random(1));

    public void Dispose() => injector.Clear();

    [Theory]
    [InlineData("media.peer.receive")]
    [InlineData("media.peer.tick")]
    public void An_exception_in_one_peers_path_ends_that_peer_alone(string component)
    {
        using var node = new VirtualNode(seed: 70);
        var alice = node.JoinPublishing("alice", Faulty);
        var bob = node.JoinPublishing("bob", Faulty);
        var carol = node.JoinPublishing("carol", Faulty);
        node.Run(TimeSpan.FromSeconds(2));

        Assert.Null(injector.Add(new FaultRule(component, FaultKind.Throw, User: "user-alice", Room: Faulty)));
        node.Run(TimeSpan.FromSeconds(3));

        var left = node.Told<PeerLeftEvent>().Single();
        Assert.Equal(("alice", LeaveReason.Fault), (left.Participant, left.Reason));
        var report = Assert.Single(node.TakeCrashReports());
        Assert.Equal(left.Incident, report.Id);
        Assert.Equal(("user-alice", Faulty), (report.User, report.Room));
        Assert.Contains(report.Actions, action => action is { Component: "media", Action: "joined", User: "user-alice" });
        // Nothing of the others' is missing, before, during and after.
        foreach (var (publisher, subscriber) in new[] { (bob, carol), (carol, bob) })
        {
            foreach (var source in publisher.Sources)
            {
                var track = subscriber.TrackOf(source)!;
                Assert.True(track.IsContinuous());
                Assert.InRange(track.Packets[^1].Number, source.PacketsSent - 5, source.PacketsSent);
            }
        }

        Assert.Equal((1, 2), (node.Counters.Rooms, node.Counters.Peers));
        Assert.NotNull(alice.Answer);
    }

    [Fact]
    public void A_subscriber_whose_state_is_broken_costs_the_others_no_packet()
    {
        using var node = new VirtualNode(seed: 71);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        var carol = node.JoinPublishing("carol");
        node.Run(TimeSpan.FromSeconds(2));

        BreakForwardingTo(node, "bob");
        node.Run(TimeSpan.FromSeconds(2));

        var left = node.Told<PeerLeftEvent>().Single();
        Assert.Equal(("bob", LeaveReason.Fault), (left.Participant, left.Reason));
        Assert.True(carol.TrackOf(alice.Sources[1])!.IsContinuous());
        Assert.True(carol.TrackOf(alice.Sources[0])!.IsContinuous());
        Assert.Equal("NullReferenceException", Assert.Single(node.TakeCrashReports()).Exception!.Type.Split('.')[^1]);
        Assert.True(bob.IsConnected);
    }

    [Fact]
    public void A_fault_in_the_rooms_own_code_ends_its_participant_first_and_the_room_the_second_time()
    {
        using var node = new VirtualNode(seed: 72) { OffersWhenTold = false };
        var alice = node.JoinPublishing("alice", Faulty);
        node.JoinPublishing("bob", Faulty);
        node.JoinPublishing("carol", Faulty);
        var dave = node.JoinPublishing("dave", "another-room");
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Null(injector.Add(new FaultRule("media.room.command", FaultKind.Throw, Action: "negotiate", Room: Faulty)));

        alice.Offer.AddReceivers(1, 1);
        var error = node.TryNegotiate(alice, Faulty).Error!;
        Assert.Equal(ErrorCode.Internal, error.Code);
        Assert.Equal(error.Incident, node.Told<PeerLeftEvent>("alice").Single().Incident);
        Assert.Empty(node.Told<RoomClosedEvent>());

        var bob = node.Told<PeerJoinedEvent>().Single(e => e.Participant.Participant == "bob");
        Assert.Equal(ErrorCode.Internal, NegotiateAgain(node, bob.Participant.Participant).Error!.Code);
        Assert.Equal(LeaveReason.Fault, node.Told<RoomClosedEvent>().Single().Reason);
        Assert.Equal(["alice", "bob", "carol"], node.Told<PeerLeftEvent>().Select(e => e.Participant).Order());

        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (node.Counters.Rooms, node.Counters.Peers));
        Assert.True(dave.IsConnected);
        // The room can be opened anew.
        node.Join("erin", room: Faulty);
    }

    [Theory]
    [InlineData("join")]
    [InlineData("open")]
    public void One_who_breaks_the_way_in_is_refused_however_often_and_nobody_else_notices(string action)
    {
        using var node = new VirtualNode(seed: 73) { OffersWhenTold = false };
        var alice = node.JoinPublishing("alice", Faulty);
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Null(injector.Add(new FaultRule("media.room.newcomer", FaultKind.Throw, Action: action, Room: Faulty)));

        for (var i = 0; i < 3; i++)
        {
            var error = action == "join"
                ? node.Worker.Join(node.Now, new JoinPeerCommand($"j{i}", Faulty, VirtualNode.Epoch, "mallory", "mallory", "Mallory", true, true), Newcomer, true, new Realtime.Media.Core.Outbox()).Error
                : node.Worker.Open(node.Now, new OpenPeerCommand($"o{i}", Faulty, VirtualNode.Epoch, "mallory", "mallory", "Mallory", JoinedVia.Whip, ChromiumOffer.Text("sendonly")), Newcomer, true, new Realtime.Media.Core.Outbox()).Error;
            Assert.Equal(ErrorCode.Internal, error!.Code);
            Assert.NotNull(error.Incident);
        }

        node.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(node.Told<RoomClosedEvent>());
        Assert.Empty(node.Told<PeerLeftEvent>("alice"));
        Assert.True(alice.IsConnected);
        Assert.Equal((1, 1), (node.Counters.Rooms, node.Counters.Peers));
    }

    [Fact]
    public void The_same_persons_second_fault_is_theirs_as_well()
    {
        using var node = new VirtualNode(seed: 74) { OffersWhenTold = false };
        var alice = node.JoinPublishing("alice", Faulty);
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Null(injector.Add(new FaultRule("media.room.command", FaultKind.Throw, Action: "negotiate", User: "mallory", Room: Faulty)));
        for (var i = 0; i < 3; i++)
        {
            var again = Newcomer with { Participant = $"mallory-{i}" };
            node.Worker.Join(node.Now, new JoinPeerCommand($"j{i}", Faulty, VirtualNode.Epoch, again.Participant, again.User, again.Name, true, true), again, true, new Realtime.Media.Core.Outbox());
            Assert.Equal(ErrorCode.Internal, NegotiateAgain(node, again.Participant).Error!.Code);
        }

        Assert.Empty(node.Told<RoomClosedEvent>());
        Assert.True(alice.IsConnected);
    }

    static ParticipantInfo Newcomer => new("mallory", "mallory", "Mallory", DateTimeOffset.UnixEpoch);

    static Realtime.Media.Isolation.WorkerReply<NegotiatePeerResult> NegotiateAgain(VirtualNode node, string id) =>
        node.Worker.Negotiate(node.Now, new NegotiatePeerCommand("again", Faulty, VirtualNode.Epoch, id, OfferOf()), new Realtime.Media.Core.Outbox());

    static string OfferOf()
    {
        Assert.True(Fingerprint.TryParse($"sha-256 {Realtime.Media.Dtls.DtlsFingerprint.Of("any"u8)}", out var fingerprint));
        var offer = new TestOffer("abcd", "abcdefghijklmnopqrstuvwx", fingerprint);
        offer.AddReceivers(1, 0);
        return offer.ToSdp();
    }

    /// <summary>As a bug might leave it: connected by its state, but without what it takes to send.</summary>
    static void BreakForwardingTo(VirtualNode node, string participant)
    {
        const BindingFlags hidden = BindingFlags.NonPublic | BindingFlags.Instance;
        var rooms = (System.Collections.IDictionary)typeof(Realtime.Media.Isolation.Worker).GetField("rooms", hidden)!.GetValue(node.Worker)!;
        var slot = (Realtime.Media.Isolation.RoomSlot)rooms[VirtualNode.Room]!;
        typeof(Peer).GetField("sender", hidden)!.SetValue(slot.Room.Find(participant)!.Peer, null);
    }
}
