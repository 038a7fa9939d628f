using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class TemporalLayers
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Fewer_frames_leave_no_gap_and_more_begin_where_nothing_is_missed()
    {
        using var node = new VirtualNode(seed: 220);
        var (_, encodings, track) = node.JoinWithSimulcast("alice", temporalLayers: 3);
        var bob = node.JoinWatching("bob");
        node.Run(Second * 3);
        var received = VirtualNode.Watched(bob);
        Assert.Equal([0, 1, 2], Temporals(received, node.Now - Second));

        node.Subscribe(bob, new TrackWish(track, MaxFps: 8));
        node.Run(Second * 2);
        Assert.Equal([0], Temporals(received, node.Now - Second));
        Assert.InRange(Frames(received, node.Now - Second), 6, 9);

        node.Subscribe(bob, new TrackWish(track, MaxFps: 16));
        node.Run(Second * 2);
        Assert.Equal([0, 1], Temporals(received, node.Now - Second));
        Assert.InRange(Frames(received, node.Now - Second), 13, 17);

        node.Subscribe(bob, new TrackWish(track));
        node.Run(Second * 2);
        Assert.Equal([0, 1, 2], Temporals(received, node.Now - Second));
        SimulcastLayers.AssertContinuous(received);
        Assert.Equal(encodings[2].Ssrc, received.Packets[^1].Source);
    }

    [Fact]
    public void What_is_lost_on_the_way_is_repaired_although_frames_are_left_out()
    {
        using var node = new VirtualNode(seed: 221, LinkConditions.Perfect with { Loss = 0.05 });
        var (alice, _, track) = node.JoinWithSimulcast("alice", temporalLayers: 3);
        alice.Repairs = true;
        var bob = node.JoinWatching("bob");
        bob.Repairs = true;
        node.Run(Second);
        node.Subscribe(bob, new TrackWish(track, MaxFps: 16));
        node.Run(Second * 5);
        node.Link.Conditions = LinkConditions.Perfect;
        var from = node.Now;
        node.Run(Second * 2);

        // A number that was kept for a packet nobody knew, and which turned out to be left out, comes as a number alone.
        var received = VirtualNode.Watched(bob);
        var last = received.Packets.Where(packet => packet.At > from && !packet.IsRepeat).ToList();
        Assert.True(last.Count > 40);
        Assert.All(last, packet => Assert.InRange(packet.Temporal, 0, 1));
        Assert.Equal(received.Packets.Select(packet => (packet.Source, packet.Number)).Distinct().Count(), received.Packets.Count);
    }

    [Fact]
    public void Nothing_is_allocated_for_packets_taken_or_left_out()
    {
        using var node = new VirtualNode(seed: 222);
        var (_, _, track) = node.JoinWithSimulcast("alice", temporalLayers: 3);
        var watching = Enumerable.Range(0, 3).Select(i => node.JoinWatching($"bob-{i}")).ToList();
        node.Run(Second * 3);
        node.Subscribe(watching[0], new TrackWish(track, MaxFps: 8));
        node.Subscribe(watching[1], new TrackWish(track, MaxWidth: 320, MaxHeight: 180, MaxFps: 16));
        node.Run(Second * 5);
        Assert.Equal(0, node.LeastAllocated(Second * 2));
    }

    static int[] Temporals(ReceivedTrack track, Instant from) => [.. track.Packets.Where(packet => packet.At > from).Select(packet => packet.Temporal).Distinct().Order()];

    static int Frames(ReceivedTrack track, Instant from) => track.Packets.Count(packet => packet.At > from && packet.Marker);
}
