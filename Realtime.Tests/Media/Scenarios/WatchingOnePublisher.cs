using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>Viewers by WHEP: one audio and one video section, offered once, that play one publisher at a time.</summary>
public sealed class WatchingOnePublisher
{
    [Fact]
    public void A_viewer_without_publisher_starts_when_media_does()
    {
        using var node = new VirtualNode(seed: 70);
        var viewer = node.Open("viewer", JoinedVia.Whep);
        node.Run(TimeSpan.FromSeconds(5));
        Assert.True(viewer.IsConnected);
        Assert.Empty(node.Told<SectionsNeededEvent>("viewer"));

        var publisher = node.Open("publisher", JoinedVia.Whip);
        node.Run(TimeSpan.FromSeconds(5));

        var (audio, video) = (viewer.Track("0"), viewer.Track("1"));
        Assert.NotEmpty(audio.From(publisher.Sources[0].Ssrc));
        Assert.True(video.Packets[0].IsKeyframe);
        Assert.True(video.IsContinuous() && audio.IsContinuous());
        Assert.Equal(["microphone", "camera"], node.Told<PublishedEvent>("publisher").Select(e => e.Track.Source));
        Assert.All(publisher.Answer!.Sections, section => Assert.Equal(MediaDirection.RecvOnly, section.Direction));
    }

    [Fact]
    public void It_stays_with_the_longest_video_and_passes_on_as_a_whole()
    {
        using var node = new VirtualNode(seed: 71) { OffersWhenTold = false };
        // The first to publish has a voice alone: good enough until there is a picture.
        var voice = node.Join("voice");
        voice.Publish(SectionKind.Audio);
        node.Negotiate(voice);
        var viewer = node.Open("viewer", JoinedVia.Whep);
        Assert.Equal(["voice"], Publishers(node));

        var first = node.JoinPublishing("first");
        var second = node.Open("second", JoinedVia.Whip);
        node.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(["voice", null, "first", "first"], Publishers(node));

        node.Leave(first);
        node.Run(TimeSpan.FromSeconds(3));
        // Sound and picture together, from the next one; both streams go on.
        Assert.Equal(["second", "second"], Publishers(node).TakeLast(2));
        Assert.Same(viewer.Track("0"), viewer.TrackOf(second.Sources[0]));
        Assert.Same(viewer.Track("1"), viewer.TrackOf(second.Sources[1]));
        Assert.True(viewer.Track("0").IsContinuous() && viewer.Track("1").IsContinuous());

        node.Leave(second);
        Assert.Equal("voice", Publishers(node)[^1]);
    }

    [Theory]
    [InlineData("second")]
    [InlineData("user-second")]
    public void One_who_is_named_is_played_alone(string name)
    {
        using var node = new VirtualNode(seed: 72) { OffersWhenTold = false };
        node.JoinPublishing("first");
        node.Open("viewer", JoinedVia.Whep, name);
        node.Run(TimeSpan.FromSeconds(2));
        Assert.Empty(Publishers(node));
        var second = node.JoinPublishing("second");
        node.JoinPublishing("third");
        Assert.Equal(["second", "second"], Publishers(node));
        node.Leave(second);
        Assert.Equal([null, null], Publishers(node).TakeLast(2));
    }

    [Fact]
    public void Ice_restarts_without_an_offer_and_the_picture_goes_on()
    {
        using var node = new VirtualNode(seed: 73);
        var publisher = node.Open("publisher", JoinedVia.Whip);
        var viewer = node.Open("viewer", JoinedVia.Whep);
        node.Run(TimeSpan.FromSeconds(3));
        var before = viewer.Track("1").Packets.Count;

        // From another network: the old address is silent from here on.
        viewer.RestartIce();
        viewer.Address = NetAddress.FromIPv4(0x0A000900, 6000);
        var reply = node.Ice(viewer);
        Assert.True(reply.Matched);
        viewer.AcceptRestart(reply.Fragment!);
        node.Run(TimeSpan.FromSeconds(3));

        var track = viewer.Track("1");
        Assert.True(track.Packets.Count > before + 60);
        Assert.True(track.Packets[^1].Number > track.Packets[before].Number);
        Assert.Single(track.Packets.Select(packet => packet.Source).Distinct());
        Assert.Empty(node.Told<PeerLeftEvent>());
        // Said again: the same answer. Meant for the session before: nothing.
        Assert.Equal(reply.Fragment, node.Ice(viewer).Fragment);
        Assert.False(node.Ice(viewer, "old").Matched);
        Assert.True(publisher.IsConnected);
    }

    [Fact]
    public void One_who_opens_a_session_and_never_comes_is_forgotten()
    {
        using var node = new VirtualNode(seed: 74);
        var ghost = node.Open("ghost", JoinedVia.Whip);
        node.Link.Unplugged.Add(ghost.Address);
        node.Run(TimeSpan.FromSeconds(31));
        Assert.Equal(LeaveReason.ConsentExpired, Assert.Single(node.Told<PeerLeftEvent>("ghost")).Reason);
    }

    static List<string?> Publishers(VirtualNode node) => [.. node.Told<SectionBoundEvent>("viewer").Select(e => e.Publisher)];
}
