using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>One who watches and hears behind a bad link; the other one's is good. The camera comes in three sizes of about 90, 190 and 650 kbit/s.</summary>
public sealed class BadLinks
{
    const double LeastFramesPerSecond = 20;
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Near = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData(0.05, 20, 0, 300)]
    [InlineData(0.10, 20, 0, 301)]
    [InlineData(0, 100, 0, 302)]
    [InlineData(0.10, 100, 0, 303)]
    [InlineData(0, 20, 0.01, 304)]
    public void The_largest_picture_comes_through(double loss, int delayMilliseconds, double reordering, ulong seed)
    {
        using var call = new WatchedCall(seed);
        call.Link(new LinkConditions(Loss: loss, Delay: TimeSpan.FromMilliseconds(delayMilliseconds), Reordering: reordering));
        call.Run(TimeSpan.FromSeconds(30));
        call.AssertGood(spatial: 2);
    }

    [Theory]
    [InlineData(310)]
    [InlineData(311)]
    [InlineData(312)]
    public void A_link_that_falls_and_rises_is_followed(ulong seed)
    {
        using var call = new WatchedCall(seed);
        call.Link(Rate(3_000_000));
        call.Run(TimeSpan.FromSeconds(15));
        call.AssertGood(spatial: 2);

        call.Link(Rate(500_000));
        call.Run(TimeSpan.FromSeconds(20));
        call.AssertGood(spatial: 1);
        call.AssertEstimate(500_000);

        call.Link(Rate(3_000_000));
        call.Run(TimeSpan.FromSeconds(15));
        call.AssertGood(spatial: 2);
        call.AssertEstimate(3_000_000);
    }

    /// <summary>Not even the smallest picture fits: the sound is what is left, whole.</summary>
    [Fact]
    public void Pictures_give_way_to_sound_and_come_back()
    {
        using var call = new WatchedCall(seed: 320);
        call.Run(Settling);
        call.Link(Rate(80_000) with { Queue = TimeSpan.FromMilliseconds(500) });
        call.Run(TimeSpan.FromSeconds(20));
        call.AssertSound();
        Assert.InRange(call.FramesSince(TimeSpan.FromSeconds(5)), 0, 1);
        call.Link(Rate(3_000_000));
        call.Run(TimeSpan.FromSeconds(12));
        Assert.Equal(2, call.SpatialNow);
    }

    /// <summary>An estimate of the client's own (REMB) is followed where it gives no better feedback.</summary>
    [Fact]
    public void A_client_without_feedback_is_believed_its_own_estimate()
    {
        using var call = new WatchedCall(seed: 321, givesFeedback: false);
        call.Run(Settling);
        Assert.Equal(2, call.SpatialNow);
        call.Remb(400_000);
        call.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(1, call.SpatialNow);
        call.Remb(3_000_000);
        call.Run(TimeSpan.FromSeconds(4));
        Assert.Equal(2, call.SpatialNow);
    }

    [Fact]
    public void The_numbers_go_on_through_an_ice_restart_and_nothing_freezes()
    {
        using var call = new WatchedCall(seed: 322);
        call.Run(Settling);
        var before = call.Estimate;
        call.RestartIce();
        call.Run(TimeSpan.FromSeconds(10));
        call.AssertGood(spatial: 2);
        Assert.InRange(call.Estimate, before * 0.8, double.MaxValue);
    }

    /// <summary>Nothing of all that costs a byte of garbage.</summary>
    [Fact]
    public void Following_a_bad_link_allocates_nothing()
    {
        using var call = new WatchedCall(seed: 323);
        call.Link(Rate(500_000) with { Loss = 0.02 });
        call.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(0, call.Node.LeastAllocated(TimeSpan.FromSeconds(20)));
    }

    static LinkConditions Rate(long rate) => new(Delay: Near, Rate: new Bitrate(rate), Queue: TimeSpan.FromMilliseconds(300));

    /// <summary>Alice's camera and microphone, and bob who has both.</summary>
    sealed class WatchedCall : IDisposable
    {
        readonly TestPeer bob;
        readonly IReadOnlyList<TestSource> encodings;
        readonly TestSource microphone;
        Instant changedAt;
        double estimates;
        int samples;

        public WatchedCall(ulong seed, bool givesFeedback = true)
        {
            Node = new VirtualNode(seed);
            var alice = Node.Join("alice");
            encodings = alice.PublishSimulcast(
            [
                new TestEncoding("q", new Ssrc(1001), 160, 90, PacketLength: 120), new TestEncoding("h", new Ssrc(1002), 320, 180, PacketLength: 260),
                new TestEncoding("f", new Ssrc(1003), 640, 360),
            ]);
            microphone = alice.Publish(SectionKind.Audio);
            alice.Repairs = true;
            Node.Negotiate(alice);
            bob = Node.Join("bob", publish: false);
            bob.Repairs = true;
            bob.GivesFeedback = givesFeedback;
            bob.Offer.AddReceivers(1, 1);
            Node.Negotiate(bob);
            Node.Run(TimeSpan.FromSeconds(3));
            changedAt = Node.Now;
        }

        public VirtualNode Node { get; }

        public double Estimate => Node.Worker.Snapshot().Single().Peers.Single(peer => peer.Participant.Participant == "bob").Bandwidth!.Estimate;

        public int SpatialNow => encodings.ToList().FindIndex(encoding => encoding.Ssrc == Video.Packets[^1].Source);

        ReceivedTrack Video => VirtualNode.Watched(bob);

        ReceivedTrack Audio => bob.TrackOf(microphone)!;

        public void Link(LinkConditions conditions)
        {
            Node.Link.Links[bob.Address] = conditions;
            changedAt = Node.Now;
            (estimates, samples) = (0, 0);
        }

        public void Run(TimeSpan time)
        {
            for (var end = Node.Now + time; Node.Now < end;)
            {
                Node.Run(TimeSpan.FromMilliseconds(200));
                if (!bob.GivesFeedback || Node.Now - changedAt < Settling) continue;
                estimates += Estimate;
                samples++;
            }
        }

        public void Remb(long estimate) => Node.Act(bob, outbox => bob.SendRemb(new Bitrate(estimate), outbox));

        public void RestartIce()
        {
            bob.RestartIce();
            Node.Negotiate(bob);
            changedAt = Node.Now;
        }

        /// <summary>Whole frames of the last so many seconds.</summary>
        public int FramesSince(TimeSpan time) => Frames(Node.Now - time).Count;

        public void AssertGood(int spatial)
        {
            var from = changedAt + Settling;
            var frames = Frames(from);
            var perSecond = frames.Count / (Node.Now - from).TotalSeconds;
            Assert.True(perSecond >= LeastFramesPerSecond, $"{perSecond:F1} frames per second");
            // From the change on: the time between frames that could be shown.
            var (last, longest) = (changedAt, TimeSpan.Zero);
            foreach (var at in Frames(changedAt))
            {
                if (at - last > longest) longest = at - last;
                last = at;
            }

            Assert.True(longest <= LongestFreeze, $"a freeze of {longest}");
            Assert.Equal(spatial, SpatialNow);
            AssertSound();
        }

        public void AssertSound()
        {
            var last = changedAt;
            foreach (var packet in Audio.Packets.Where(packet => packet.At > changedAt))
            {
                Assert.True(packet.At - last < TimeSpan.FromMilliseconds(700), $"no sound for {packet.At - last}");
                last = packet.At;
            }

            Assert.True(Node.Now - last < TimeSpan.FromMilliseconds(700), "the sound stopped");
        }

        public void AssertEstimate(long rate) => Assert.InRange(estimates / samples / rate, 0.70, 1.05);

        public void Dispose() => Node.Dispose();

        /// <summary>When each frame that came after a moment was whole, and shown after all before it.</summary>
        List<Instant> Frames(Instant after)
        {
            var shown = new List<Instant>();
            var latest = Instant.Zero;
            foreach (var frame in Video.Packets.GroupBy(packet => (packet.Source, packet.Timestamp)).OrderBy(frame => frame.Min(packet => packet.At)))
            {
                if (frame.Select(packet => packet.Number).Distinct().Count() < (frame.Any(packet => packet.IsKeyframe) ? 10 : 3)) continue;
                var whole = frame.Max(packet => packet.At);
                if (whole > latest) latest = whole;
                if (latest > after) shown.Add(latest);
            }

            shown.Sort();
            return shown;
        }
    }
}
