using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class TracksComeAndGo
{
    [Fact]
    public void A_freed_section_takes_another_track_and_its_stream_goes_on()
    {
        using var node = new VirtualNode(seed: 20) { OffersWhenTold = false };
        var alice = node.JoinPublishing("alice");
        var carol = node.JoinPublishing("carol");
        var bob = node.Join("bob", publish: false);
        // One section of each kind: alice's tracks take them, carol's wait.
        bob.Offer.AddReceivers(1, 1);
        node.Negotiate(bob);
        node.Run(TimeSpan.FromSeconds(3));
        Assert.Null(bob.TrackOf(carol.Sources[1]));
        var track = bob.TrackOf(alice.Sources[1])!;

        node.Leave(alice);
        node.Run(TimeSpan.FromSeconds(3));

        // Alice's goes, the section falls silent, carol's track takes it, all told and without a negotiation.
        var told = node.Told<SectionBoundEvent>("bob").Where(e => e.Mid == "1").Select(e => e.Publisher).ToList();
        Assert.Equal(["alice", null, "carol"], told);
        Assert.Same(track, bob.TrackOf(carol.Sources[1]));
        Assert.True(track.IsContinuous());
        var from = track.Packets.FindIndex(packet => packet.Source == carol.Sources[1].Ssrc);
        var (last, first) = (track.Packets[from - 1], track.Packets[from]);
        Assert.True(first.IsKeyframe);
        Assert.Equal((last.PictureId + 1) & 0x7FFF, first.PictureId);
        Assert.Equal((byte)(last.Tl0PicIdx + 1), first.Tl0PicIdx);
        var elapsed = (first.At - last.At).TotalSeconds * 90_000;
        Assert.InRange(first.Timestamp.DistanceFrom(last.Timestamp), elapsed - 900, elapsed + 900);
        var rebound = track.Packets.Skip(from).ToList();
        Assert.Equal(rebound.Select(packet => packet.Timestamp.Value).Distinct().Count() - 1, rebound.Zip(rebound.Skip(1)).Count(pair => pair.Second.Timestamp.IsNewerThan(pair.First.Timestamp)));
    }

    [Fact]
    public void A_section_that_stops_sending_unpublishes_and_may_publish_again()
    {
        using var node = new VirtualNode(seed: 21);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(2));
        var camera = alice.Sources[1];

        alice.Offer.Sections[1].Direction = MediaDirection.Inactive;
        camera.IsRunning = false;
        node.Negotiate(alice);
        Assert.Equal("inactive", alice.Answer!.Sections[1].Direction.ToText());
        Assert.Single(node.Told<UnpublishedEvent>("alice"));
        node.Run(TimeSpan.FromSeconds(1));
        var before = bob.TrackOf(camera)!.Packets.Count;

        alice.Offer.Sections[1].Direction = MediaDirection.SendOnly;
        camera.IsRunning = true;
        node.Negotiate(alice);
        node.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(3, node.Told<PublishedEvent>("alice").Count());
        var track = bob.TrackOf(camera)!;
        Assert.True(track.IsContinuous());
        Assert.True(track.Packets[before].IsKeyframe);
        // The same section of bob's was reused: it offered no other.
        Assert.Equal(2, bob.Offer.Sections.Count(section => section.Direction == MediaDirection.RecvOnly));
    }

    [Fact]
    public void A_stopped_section_is_answered_with_port_zero_and_ends_the_subscription()
    {
        using var node = new VirtualNode(seed: 22) { OffersWhenTold = false };
        node.JoinPublishing("alice");
        var bob = node.Join("bob", publish: false);
        bob.Offer.AddReceivers(1, 1);
        node.Negotiate(bob);
        node.Run(TimeSpan.FromSeconds(1));

        bob.Offer.Sections[1].IsStopped = true;
        node.Negotiate(bob);
        Assert.Equal(0, bob.Answer!.Sections[1].Port);
        Assert.Equal("sendonly", bob.Answer.Sections[0].Direction.ToText());
        var got = bob.Track("1").Packets.Count;
        node.Run(TimeSpan.FromSeconds(1));
        // What was on the wire still arrives, nothing after it.
        Assert.InRange(bob.Track("1").Packets.Count - got, 0, 3);
        Assert.Equal((1, 1), node.Told<SectionsNeededEvent>("bob").Select(e => (e.Audio, e.Video)).Last());
    }

    [Fact]
    public void A_track_added_later_is_offered_sections_for()
    {
        using var node = new VirtualNode(seed: 23);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(1));
        var screen = alice.Publish(SectionKind.Video, streamId: "screen");
        node.Negotiate(alice);
        node.Run(TimeSpan.FromSeconds(2));

        Assert.Equal((1, 2), node.Told<SectionsNeededEvent>("bob").Select(e => (e.Audio, e.Video)).Last());
        Assert.True(bob.TrackOf(screen)!.Packets[0].IsKeyframe);
        Assert.Equal(0, node.Counters.Drops[DropReason.UnknownSsrc]);
    }

    [Fact]
    public void An_answer_names_publisher_and_track_of_what_plays()
    {
        using var node = new VirtualNode(seed: 24);
        node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        var track = node.Told<PublishedEvent>("alice").Single(e => e.Mid == "1").Track.Track;
        var section = bob.Answer!.Sections.Single(each => each.Kind == SectionKind.Video && each.Direction == MediaDirection.SendOnly);
        Assert.Equal(new Msid("alice", track), section.Msid);
    }
}
