using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class HostileNetwork
{
    [Theory]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(53)]
    public void The_handshake_survives_twenty_percent_loss(ulong seed)
    {
        using var node = new VirtualNode(seed, new LinkConditions(Loss: 0.2, Delay: TimeSpan.FromMilliseconds(20), Jitter: TimeSpan.FromMilliseconds(10)));
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        Assert.True(node.RunUntil(() => alice.IsConnected && bob.IsConnected, TimeSpan.FromSeconds(25)));
        node.Run(TimeSpan.FromSeconds(5));
        Assert.NotNull(bob.TrackOf(alice.Sources[0]));
        Assert.NotNull(alice.TrackOf(bob.Sources[0]));
    }

    [Fact]
    public void Copies_are_forwarded_once_and_damage_not_at_all()
    {
        using var node = new VirtualNode(seed: 54);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        node.Link.Conditions = new LinkConditions(Duplication: 0.3, Corruption: 0.05, Jitter: TimeSpan.FromMilliseconds(30));
        node.Run(TimeSpan.FromSeconds(10));

        Assert.NotEqual(0, node.Counters.Drops[DropReason.Replayed]);
        Assert.NotEqual(0, node.Counters.Drops[DropReason.BadAuthTag]);
        Assert.Empty(node.Told<PeerLeftEvent>());
        Assert.Empty(node.TakeCrashReports());
        var packets = bob.TrackOf(alice.Sources[0])!.Packets;
        Assert.Equal(packets.Count, packets.Select(packet => packet.Number).Distinct().Count());
        Assert.Equal(packets.Count, packets.Select(packet => packet.Sequence.Value).Distinct().Count());
    }

    [Fact]
    public void Noise_from_anywhere_changes_nothing_and_is_counted()
    {
        using var node = new VirtualNode(seed: 55);
        var alice = node.JoinPublishing("alice");
        node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        var entropy = new Entropy(99);
        var before = node.Counters.DatagramsIn;
        for (var i = 0; i < 20_000; i++)
        {
            var noise = new byte[entropy.NextInt32(200)];
            entropy.Fill(noise);
            // Half of it forged from alice's own address.
            node.Inject(i % 2 == 0 ? alice.Address : NetAddress.FromIPv4(entropy.NextUInt32(), 1234), noise);
            if (i % 100 == 0) node.Run(TimeSpan.FromMilliseconds(50));
        }

        Assert.True(node.Counters.DatagramsIn - before >= 20_000);
        Assert.Empty(node.TakeCrashReports());
        Assert.Empty(node.Told<PeerLeftEvent>());
        Assert.NotEqual(0, node.Counters.Drops[DropReason.UnknownKind]);
        Assert.NotEqual(0, node.Counters.Drops[DropReason.UnknownAddress]);
    }

    [Fact]
    public void A_peer_that_floods_is_cut_to_the_quota_and_then_closed()
    {
        using var node = new VirtualNode(seed: 56);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        var report = Convert.FromHexString("80C90001" + "01020304");
        for (var ms = 0; ms < 8000 && !node.Told<PeerLeftEvent>("alice").Any(); ms += 10)
        {
            node.Act(alice, outbox =>
            {
                for (var i = 0; i < 100; i++) alice.SendRtcp(report, outbox);
            });
            node.Run(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(Contracts.LeaveReason.Quota, node.Told<PeerLeftEvent>("alice").Single().Reason);
        Assert.InRange(node.Counters.Drops[DropReason.OverQuota], 20_000, 50_000);
        Assert.Empty(node.Told<PeerLeftEvent>("bob"));
        Assert.True(bob.IsConnected);
    }

    [Fact]
    public void A_new_address_of_the_same_peer_is_followed()
    {
        using var node = new VirtualNode(seed: 57);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(2));
        alice.Address = NetAddress.FromIPv4(0x0A0000FE, 7777);
        node.Run(TimeSpan.FromSeconds(8));
        var sent = alice.Sources[0].PacketsSent;
        Assert.InRange(bob.TrackOf(alice.Sources[0])!.Packets[^1].Number, sent - 5, sent);
        var back = bob.Sources[0].PacketsSent;
        Assert.InRange(alice.TrackOf(bob.Sources[0])!.Packets[^1].Number, back - 5, back);
    }

    [Fact]
    public void An_ice_restart_keeps_the_session()
    {
        using var node = new VirtualNode(seed: 58);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(2));
        var ufrag = alice.Answer!.Sections[0].Transport.IceUfrag;
        alice.RestartIce();
        node.Negotiate(alice);
        Assert.NotEqual(ufrag, alice.Answer!.Sections[0].Transport.IceUfrag);
        node.Run(TimeSpan.FromSeconds(40));
        Assert.Empty(node.Told<PeerLeftEvent>());
        Assert.True(bob.TrackOf(alice.Sources[0])!.IsContinuous());
        Assert.Single(node.Told<PeerStateEvent>("alice"), e => e.State == "connected");
    }
}
