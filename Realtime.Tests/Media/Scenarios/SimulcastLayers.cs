using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class SimulcastLayers
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Each_subscriber_gets_the_layer_it_asks_for()
    {
        using var node = new VirtualNode(seed: 200);
        var (_, encodings, track) = node.JoinWithSimulcast("alice");
        var watching = Enumerable.Range(0, 3).Select(i => node.JoinWatching($"bob-{i}")).ToList();
        for (var i = 0; i < 3; i++) node.Subscribe(watching[i], new TrackWish(track, VirtualNode.ThreeSizes[i].Width, VirtualNode.ThreeSizes[i].Height));
        node.Run(Second * 3);

        for (var i = 0; i < 3; i++)
        {
            var received = VirtualNode.Watched(watching[i]);
            Assert.True(received.Packets[0].IsKeyframe);
            Assert.All(LastSecond(node, received), packet => Assert.Equal(encodings[i].Ssrc, packet.Source));
            AssertContinuous(received);
        }
    }

    [Fact]
    public void Every_switch_begins_with_a_key_frame_and_nothing_jumps()
    {
        using var node = new VirtualNode(seed: 201);
        var (_, encodings, track) = node.JoinWithSimulcast("alice");
        var bob = node.JoinWatching("bob");
        node.Run(Second * 3);
        var random = new Entropy(201);
        var layers = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            var layer = (int)(random.NextUInt32() % 3);
            layers.Add(layer);
            node.Subscribe(bob, new TrackWish(track, VirtualNode.ThreeSizes[layer].Width, VirtualNode.ThreeSizes[layer].Height));
            node.Run(Second);
            Assert.Equal(encodings[layer].Ssrc, VirtualNode.Watched(bob).Packets[^1].Source);
        }

        var received = VirtualNode.Watched(bob);
        AssertContinuous(received);
        AssertSteadyTime(received, received.Packets[0].At + (Second * 3));
        for (var i = 1; i < received.Packets.Count; i++)
        {
            if (received.Packets[i].Source != received.Packets[i - 1].Source) Assert.True(received.Packets[i].IsKeyframe);
        }

        Assert.True(layers.Distinct().Count() == 3);
    }

    [Fact]
    public void The_old_layer_goes_on_until_the_new_one_has_its_key_frame()
    {
        using var node = new VirtualNode(seed: 202);
        var (_, encodings, track) = node.JoinWithSimulcast("alice");
        var bob = node.JoinWatching("bob");
        node.Subscribe(bob, new TrackWish(track, 160, 90));
        node.Run(Second * 3);
        node.Subscribe(bob, new TrackWish(track, 640, 360));
        var received = VirtualNode.Watched(bob);
        // The publisher hears of it, and takes its time.
        for (var i = 0; i < 20; i++)
        {
            encodings[2].KeyframeWanted = false;
            node.Run(TimeSpan.FromMilliseconds(20));
            Assert.Equal(encodings[0].Ssrc, received.Packets[^1].Source);
        }

        Assert.True(node.Now - received.Packets[^1].At < TimeSpan.FromMilliseconds(40));
        Assert.True(node.RunUntil(() => received.Packets[^1].Source == encodings[2].Ssrc, Second * 2));
        AssertContinuous(received);
    }

    [Fact]
    public void A_layer_that_stops_is_replaced_by_the_next_below_and_comes_back_by_itself()
    {
        using var node = new VirtualNode(seed: 203);
        var (_, encodings, _) = node.JoinWithSimulcast("alice");
        var bob = node.JoinWatching("bob");
        node.Run(Second * 3);
        var received = VirtualNode.Watched(bob);
        Assert.Equal(encodings[2].Ssrc, received.Packets[^1].Source);

        encodings[2].IsRunning = false;
        Assert.True(node.RunUntil(() => received.Packets[^1].Source == encodings[1].Ssrc, TimeSpan.FromMilliseconds(600)));
        node.Run(Second);
        encodings[2].IsRunning = true;
        Assert.True(node.RunUntil(() => received.Packets[^1].Source == encodings[2].Ssrc, Second));
        node.Run(Second);
        AssertContinuous(received);
        AssertSteadyTime(received, received.Packets[0].At + (Second * 3));
    }

    [Fact]
    public void A_hidden_tile_costs_nothing_and_its_picture_is_back_at_once()
    {
        using var node = new VirtualNode(seed: 204);
        var (_, encodings, track) = node.JoinWithSimulcast("alice");
        var (bob, carol) = (node.JoinWatching("bob"), node.JoinWatching("carol"));
        node.Run(Second * 2);
        node.Subscribe(bob, new TrackWish(track, Paused: true));
        var received = VirtualNode.Watched(bob);
        node.Run(TimeSpan.FromMilliseconds(50));
        var before = received.Packets.Count;
        node.Run(Second * 5);
        Assert.Equal(before, received.Packets.Count);

        node.Subscribe(bob, new TrackWish(track, 320, 180));
        Assert.True(node.RunUntil(() => received.Packets.Count > before && received.Packets[^1].Source == encodings[1].Ssrc, TimeSpan.FromMilliseconds(400)));
        Assert.True(received.Packets[before].IsKeyframe);
        node.Run(Second);
        AssertContinuous(received);
        AssertContinuous(VirtualNode.Watched(carol));
    }

    [Fact]
    public void A_publisher_is_told_at_once_what_is_needed_and_after_a_while_what_is_not()
    {
        using var node = new VirtualNode(seed: 205);
        var (_, encodings, track) = node.JoinWithSimulcast("alice");
        string Wanted() => string.Join(' ', node.Told<LayersWantedEvent>("alice").Last().Wanted);
        var bob = node.JoinWatching("bob");
        Assert.Equal("f", Wanted());
        node.Run(Second * 2);
        node.Subscribe(bob, new TrackWish(track, 160, 90));
        Assert.Equal("q f", Wanted());
        var from = node.Now;
        Assert.True(node.RunUntil(() => Wanted() == "q", Second * 5));
        Assert.True(node.Now - from > Second * 2);
        Assert.Equal(encodings[0].Ssrc, VirtualNode.Watched(bob).Packets[^1].Source);

        node.Subscribe(bob, new TrackWish(track, Paused: true));
        Assert.True(node.RunUntil(() => node.Told<LayersWantedEvent>("alice").Last().Paused, Second * 5));
        node.JoinWatching("carol");
        Assert.Equal("f", Wanted());
    }

    [Fact]
    public void The_right_encoding_is_asked_for_though_it_was_never_sent()
    {
        using var node = new VirtualNode(seed: 210);
        var (_, encodings, track) = node.JoinWithSimulcast("alice");
        encodings[0].IsRunning = encodings[1].IsRunning = false;
        var bob = node.JoinWatching("bob");
        node.Run(Second);
        node.Subscribe(bob, new TrackWish(track, 200, 112));
        Assert.Equal("q f", string.Join(' ', node.Told<LayersWantedEvent>("alice").Last().Wanted));
        node.Run(Second);
        Assert.Equal(encodings[2].Ssrc, VirtualNode.Watched(bob).Packets[^1].Source);
        encodings[0].IsRunning = encodings[0].KeyframeWanted = true;
        node.Run(Second);
        Assert.Equal(encodings[0].Ssrc, VirtualNode.Watched(bob).Packets[^1].Source);
    }

    [Fact]
    public void Nobody_watches_from_the_start()
    {
        using var node = new VirtualNode(seed: 206);
        node.JoinWithSimulcast("alice");
        Assert.Empty(node.Told<LayersWantedEvent>());
        Assert.True(node.RunUntil(() => node.Told<LayersWantedEvent>("alice").Any(told => told.Paused && told.Wanted.Count == 0), Second * 5));
    }

    [Fact]
    public void Encodings_offered_the_other_way_round_are_told_by_their_sizes()
    {
        using var node = new VirtualNode(seed: 207);
        var alice = node.Join("alice");
        var encodings = alice.PublishSimulcast(("a", 640, 360), ("b", 320, 180), ("c", 160, 90));
        node.Negotiate(alice);
        var track = node.Told<PublishedEvent>("alice").Single().Track.Track;
        var bob = node.JoinWatching("bob");
        node.Run(Second);
        Assert.Equal(encodings[0].Ssrc, VirtualNode.Watched(bob).Packets[^1].Source);
        node.Subscribe(bob, new TrackWish(track, 200, 200));
        node.Run(Second);
        Assert.Equal(encodings[2].Ssrc, VirtualNode.Watched(bob).Packets[^1].Source);
        Assert.Contains("c", node.Told<LayersWantedEvent>("alice").Last().Wanted);
    }

    [Fact]
    public void The_answer_takes_the_encodings_and_repairs_come_in_each()
    {
        using var node = new VirtualNode(seed: 208, LinkConditions.Perfect with { Loss = 0.05 });
        var (alice, _, track) = node.JoinWithSimulcast("alice");
        var section = alice.Answer!.Sections.Single();
        Assert.Equal(["q", "h", "f"], section.Rids.Select(rid => rid.Id));
        Assert.All(section.Rids, rid => Assert.Equal(MediaDirection.RecvOnly, rid.Direction));
        Assert.Equal("q;h;f", string.Join(';', section.Simulcast!.Receive.Select(alternatives => alternatives[0].Rid)));
        alice.Repairs = true;
        var bob = node.JoinWatching("bob");
        bob.Repairs = true;
        for (var i = 0; i < 6; i++)
        {
            node.Subscribe(bob, new TrackWish(track, VirtualNode.ThreeSizes[i % 3].Width, VirtualNode.ThreeSizes[i % 3].Height));
            node.Run(Second);
        }

        Assert.True(alice.RepeatsSent > 10);
        node.Link.Conditions = LinkConditions.Perfect;
        node.Run(Second);
        Assert.Equal(0, node.Counters.Drops[DropReason.UnknownSsrc]);
        var last = LastSecond(node, VirtualNode.Watched(bob)).Where(packet => !packet.IsRepeat).ToList();
        Assert.All(last.Zip(last.Skip(1)), pair => Assert.Equal(pair.First.Sequence.Next, pair.Second.Sequence));
    }

    [Fact]
    public void Muted_and_unmuted_it_goes_on_in_the_same_layer()
    {
        using var node = new VirtualNode(seed: 209);
        var (alice, encodings, track) = node.JoinWithSimulcast("alice");
        var bob = node.JoinWatching("bob");
        node.Subscribe(bob, new TrackWish(track, 320, 180));
        node.Run(Second * 2);
        node.SetMuted(alice, track, true);
        node.Run(Second);
        var received = VirtualNode.Watched(bob);
        var before = received.Packets.Count;
        node.Run(Second);
        Assert.Equal(before, received.Packets.Count);
        node.SetMuted(alice, track, false);
        node.Run(Second);
        Assert.Equal(encodings[1].Ssrc, received.Packets[^1].Source);
        AssertContinuous(received);
    }

    static IEnumerable<ReceivedPacket> LastSecond(VirtualNode node, ReceivedTrack track)
    {
        var packets = track.Packets.Where(packet => packet.At > node.Now - Second).ToList();
        Assert.True(packets.Count > 60);
        return packets;
    }

    /// <summary>Numbers without a gap: packets, pictures, and pictures of the lowest layer.</summary>
    internal static void AssertContinuous(ReceivedTrack track)
    {
        Assert.True(track.IsContinuous());
        for (var i = 1; i < track.Packets.Count; i++)
        {
            var (before, after) = (track.Packets[i - 1], track.Packets[i]);
            Assert.InRange((after.PictureId - before.PictureId) & 0x7FFF, 0, 1);
            Assert.InRange((byte)(after.Tl0PicIdx - before.Tl0PicIdx), 0, 1);
            Assert.Equal(after.PictureId == before.PictureId, after.Timestamp == before.Timestamp);
        }
    }

    /// <summary>Once reports have come, a picture's time is when it was taken, whichever layer it came in: the encodings share one clock.</summary>
    internal static void AssertSteadyTime(ReceivedTrack track, Instant from)
    {
        var packets = track.Packets.Where(packet => packet.At >= from).ToList();
        var first = packets[0];
        foreach (var packet in packets)
        {
            var expected = (packet.At - first.At).TotalSeconds * 90_000;
            // A frame that another layer has shown already goes on by a tick.
            Assert.InRange(packet.Timestamp.DistanceFrom(first.Timestamp) - expected, -200, 200);
        }
    }
}
