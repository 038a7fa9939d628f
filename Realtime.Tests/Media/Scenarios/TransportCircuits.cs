using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>A circuit per peer transport: who fails again and again is kept out for a while, alone, and nobody is by what others send in their name.</summary>
public sealed class TransportCircuits
{
    const string Alice = $"peer:{VirtualNode.Room}/user-alice";

    static CircuitInfo? Circuit(VirtualNode node, string name = Alice) => node.Circuits.Snapshot().SingleOrDefault(one => one.Name == name);

    static RealtimeError? Offer(VirtualNode node, string sdp, string who = "alice") =>
        node.Worker.Negotiate(node.Now, new NegotiatePeerCommand(Guid.NewGuid().ToString(), VirtualNode.Room, VirtualNode.Epoch, who, sdp), new Outbox()).Error;

    static RealtimeError? Join(VirtualNode node, string id) => node.Worker.Join(
        node.Now, new JoinPeerCommand(Guid.NewGuid().ToString(), VirtualNode.Room, VirtualNode.Epoch, id, "user-alice", "alice", true, true),
        new ParticipantInfo(id, "user-alice", "alice", DateTimeOffset.UnixEpoch), true, new Outbox()).Error;

    /// <summary>A readable offer that another fingerprint makes a refused one.</summary>
    static string Bad(TestPeer peer) => peer.Offer.ToSdp().Replace("a=setup:actpass", "a=setup:passive", StringComparison.Ordinal);

    [Fact]
    public void Five_refused_offers_open_it_for_half_a_minute_and_connecting_closes_it()
    {
        using var node = new VirtualNode(seed: 540) { OffersWhenTold = false };
        var bob = node.JoinPublishing("bob");
        var alice = node.Join("alice");
        alice.Publish(Realtime.Media.Sdp.SectionKind.Audio);
        Assert.Null(Circuit(node));
        for (var i = 0; i < 5; i++) Assert.Equal(ErrorCode.Invalid, Offer(node, Bad(alice))!.Code);
        Assert.Equal(("open", 5L), (Circuit(node)!.State, Circuit(node)!.FailuresByType["negotiation"]));

        var refused = Offer(node, alice.Offer.ToSdp())!;
        Assert.Equal((ErrorCode.Unavailable, "transport"), (refused.Code, refused.Scope));
        Assert.InRange(refused.RetryAfterMs!.Value, 29_000, 30_000);
        Assert.Equal(ErrorCode.Unavailable, Join(node, "another-device")!.Code);

        node.Run(TimeSpan.FromSeconds(25));
        Assert.Equal("open", Circuit(node)!.State);
        node.Run(TimeSpan.FromSeconds(5));
        node.Negotiate(alice);
        Assert.Equal("halfOpen", Circuit(node)!.State);
        node.Run(TimeSpan.FromSeconds(5));
        Assert.True(alice.IsConnected);
        Assert.Equal("closed", Circuit(node)!.State);
        Assert.True(bob.IsConnected);
        Assert.Single(node.Circuits.Snapshot());
    }

    [Fact]
    public void It_is_reset_by_hand()
    {
        using var node = new VirtualNode(seed: 541) { OffersWhenTold = false };
        var alice = node.Join("alice");
        alice.Publish(Realtime.Media.Sdp.SectionKind.Audio);
        for (var i = 0; i < 5; i++) Offer(node, Bad(alice));
        Assert.Equal(ErrorCode.Unavailable, Offer(node, alice.Offer.ToSdp())!.Code);
        Assert.True(node.Circuits.Reset(Alice));
        Assert.Null(Offer(node, alice.Offer.ToSdp()));
    }

    [Fact]
    public void Clients_that_say_so_count()
    {
        using var node = new VirtualNode(seed: 542);
        node.JoinPublishing("alice");
        node.Run(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 4; i++) Report(node, failed: true);
        Report(node, failed: false);
        for (var i = 0; i < 4; i++) Report(node, failed: true);
        Assert.Equal(("closed", 8L), (Circuit(node)!.State, Circuit(node)!.FailuresByType["reported"]));
        Report(node, failed: true);
        Assert.Equal("open", Circuit(node)!.State);
        // What flows goes on: nothing of it failed.
        Assert.Empty(node.Told<PeerLeftEvent>());
    }

    static void Report(VirtualNode node, bool failed) => Assert.Null(node.Worker.ReportTransport(
        node.Now, new ReportTransportCommand(Guid.NewGuid().ToString(), VirtualNode.Room, VirtualNode.Epoch, "alice", failed), new Outbox()).Error);

    [Fact]
    public void A_transport_of_which_nothing_can_be_used_is_closed_and_its_user_waits()
    {
        using var node = new VirtualNode(seed: 543);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        node.Run(TimeSpan.FromSeconds(2));
        // From now on nothing of it authenticates; its checks go on.
        node.Link.Garbled.Add(alice.Address);
        node.Run(TimeSpan.FromSeconds(10));

        Assert.Equal(("alice", LeaveReason.CircuitOpen), node.Told<PeerLeftEvent>().Select(static e => (e.Participant, e.Reason)).Single());
        Assert.Equal(("open", 5L), (Circuit(node)!.State, Circuit(node)!.FailuresByType["authentication"]));
        Assert.Equal(ErrorCode.Unavailable, Join(node, "again")!.Code);
        Assert.True(bob.IsConnected);
        Assert.True(bob.TrackOf(alice.Sources[0])!.IsContinuous());
    }

    [Fact]
    public void A_stranger_who_sends_in_somebodys_name_opens_nothing()
    {
        using var node = new VirtualNode(seed: 544);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        // She only listens: what proves her are her reports.
        foreach (var source in alice.Sources) source.IsRunning = false;
        node.Run(TimeSpan.FromSeconds(2));
        var garbage = new byte[200];
        garbage[0] = 0x80;
        for (var i = 0; i < 20_000; i++)
        {
            node.Inject(alice.Address, (byte[])garbage.Clone());
            if (i % 10 == 0) node.Run(TimeSpan.FromMilliseconds(10));
        }

        Assert.Empty(node.Told<PeerLeftEvent>());
        Assert.NotEqual("open", Circuit(node)?.State);
        Assert.Null(Offer(node, alice.Offer.ToSdp()));
        Assert.True(alice.TrackOf(bob.Sources[0])!.IsContinuous());
    }

    [Fact]
    public void Those_kept_are_bounded_and_the_longest_quiet_goes()
    {
        var registry = new Realtime.ServiceDefaults.CrashSafety.CircuitRegistry(TimeProvider.System);
        var circuits = new Realtime.Media.Isolation.TransportCircuits(registry, capacity: 3);
        foreach (var user in new[] { "a", "b", "c", "a", "d" }) circuits.Failed("room", user, Realtime.Media.Isolation.TransportFault.Dtls);
        Assert.Equal(["peer:room/a", "peer:room/c", "peer:room/d"], registry.Snapshot().Select(static one => one.Name));
        // Nothing is made for who never failed.
        Assert.True(circuits.Succeeded("room", "e"));
        Assert.Null(circuits.Check("room", "e"));
        Assert.Equal(3, registry.Snapshot().Count);
    }
}
