using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Srtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class TwoPeersSeeEachOther
{
    [Fact]
    public void Every_packet_arrives_once_under_the_subscribers_numbers()
    {
        using var node = new VirtualNode(seed: 1);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(5));

        foreach (var (publisher, subscriber) in new[] { (alice, bob), (bob, alice) })
        {
            Assert.Equal(SrtpProfile.AeadAes128Gcm, subscriber.Profile);
            Assert.Equal(0, subscriber.BadPackets);
            foreach (var source in publisher.Sources)
            {
                var track = subscriber.TrackOf(source);
                Assert.NotNull(track);
                Assert.True(track.IsContinuous());
                Assert.All(track.Packets, packet => Assert.Equal(source.IsVideo ? TestOffer.Vp8 : TestOffer.Opus, packet.PayloadType));
                Assert.InRange(track.Packets.Count, source.IsVideo ? 400 : 200, int.MaxValue);
                var numbers = track.Packets.Select(packet => packet.Number).ToList();
                Assert.Equal(Enumerable.Range(0, numbers.Count).Select(i => numbers[0] + i), numbers);
            }
        }

        Assert.Equal(0, node.Counters.Drops[DropReason.BadAuthTag] + node.Counters.Drops[DropReason.UnknownSsrc] + node.Counters.Drops[DropReason.OutboxFull]);
    }

    [Fact]
    public void Mid_rides_along_until_the_subscriber_reports_the_stream()
    {
        using var node = new VirtualNode(seed: 2);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(5));

        var packets = bob.TrackOf(alice.Sources[0])!.Packets;
        Assert.True(packets[0].HasMid);
        Assert.False(packets[^1].HasMid);
    }

    [Fact]
    public void Publishers_hear_how_they_are_received_and_reports_keep_audio_and_video_together()
    {
        using var node = new VirtualNode(seed: 3);
        var alice = node.JoinPublishing("alice", clockShift: TimeSpan.FromHours(7));
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(10));

        Assert.InRange(alice.ReportsReceived, 5, 20);
        var offsets = alice.Sources.Select(source =>
        {
            var track = bob.TrackOf(source)!;
            var (_, info) = track.Reports[^1];
            // Where on the report's clock the source's first packet lies, in seconds: the same for what was captured together.
            var first = track.Packets[0];
            var captured = (double)info.Timestamp.DistanceFrom(first.Timestamp) / source.ClockRate;
            return (info.Ntp.Value / (double)(1UL << 32)) - captured - first.At.Nanoseconds / 1e9;
        }).ToArray();
        Assert.InRange(Math.Abs(offsets[0] - offsets[1]), 0, 0.005);
        // On our clock, not seven hours off.
        Assert.InRange(Math.Abs(offsets[0]), 0, 1);
    }

    [Fact]
    public void The_room_is_told_in_order()
    {
        using var node = new VirtualNode(seed: 4);
        var alice = node.JoinPublishing("alice");
        node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(["alice", "bob"], node.Told<PeerJoinedEvent>().Select(e => e.Participant.Participant));
        Assert.Equal(["connecting", "connected"], node.Told<PeerStateEvent>("alice").Select(e => e.State));
        Assert.Equal(["0", "1"], node.Told<PublishedEvent>("alice").Select(e => e.Mid));
        Assert.Equal((1, 1), node.Told<SectionsNeededEvent>("bob").Select(e => (e.Audio, e.Video)).First());
        var bound = node.Told<SectionBoundEvent>("bob").ToList();
        Assert.Equal(2, bound.Count);
        Assert.All(bound, e => Assert.Equal("alice", e.Publisher));
        Assert.Equal(alice.Offer.Sections.Count, alice.Answer!.Sections.Count);
    }
}
