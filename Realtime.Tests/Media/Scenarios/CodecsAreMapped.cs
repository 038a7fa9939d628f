using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class CodecsAreMapped
{
    public static TheoryData<string> Names => ["VP8", "H264", "VP9", "AV1"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_codec_arrives_under_the_subscribers_number_from_a_key_frame_on(string name)
    {
        using var node = new VirtualNode(seed: 80);
        var alice = node.JoinPublishing("alice", codecs: Codecs(name, 100));
        var bob = node.JoinPublishing("bob", codecs: [.. name == "VP8" ? [] : TestCodecs.Vp8(40), .. Codecs(name, 120)]);
        node.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(name.ToLowerInvariant(), node.Told<PublishedEvent>("alice").Last().Track.Codec);
        var packets = bob.TrackOf(alice.Sources[1])!.Packets;
        Assert.InRange(packets.Count, 300, int.MaxValue);
        Assert.All(packets, packet => Assert.Equal(120, packet.PayloadType.Value));
        Assert.True(packets[0].IsKeyframe);
        Assert.True(bob.TrackOf(alice.Sources[1])!.IsContinuous());
        Assert.Empty(node.Told<UnplayableEvent>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_late_joiner_of_each_codec_starts_at_a_key_frame_that_was_asked_for(string name)
    {
        using var node = new VirtualNode(seed: 81);
        var alice = node.JoinPublishing("alice", codecs: Codecs(name, 100));
        node.Run(TimeSpan.FromSeconds(3));
        var bob = node.JoinPublishing("bob", codecs: Codecs(name, 110));
        node.Run(TimeSpan.FromSeconds(2));
        Assert.True(bob.TrackOf(alice.Sources[1])!.Packets[0].IsKeyframe);
        Assert.InRange(alice.KeyframeRequests, 1, 3);
    }

    [Fact]
    public void Who_cannot_play_a_codec_is_told_once_and_gets_none_of_it()
    {
        using var node = new VirtualNode(seed: 82);
        var alice = node.JoinPublishing("alice", codecs: TestCodecs.Av1());
        node.Run(TimeSpan.FromSeconds(1));
        var bob = node.JoinPublishing("bob", codecs: TestCodecs.Vp8());
        node.Run(TimeSpan.FromSeconds(3));
        node.Negotiate(bob);
        node.Run(TimeSpan.FromSeconds(3));

        var told = Assert.Single(node.Told<UnplayableEvent>("bob"));
        var track = node.Told<PublishedEvent>("alice").Single(e => e.Track.Kind == Contracts.MediaKind.Video).Track;
        Assert.Equal(("bob", "alice", track.Track, "av1"), (told.Participant, told.Publisher, told.Track, told.Codec));
        Assert.DoesNotContain(node.Told<SectionBoundEvent>("bob"), e => e.Track == track.Track);
        Assert.Null(bob.TrackOf(alice.Sources[1]));
        Assert.NotNull(bob.TrackOf(alice.Sources[0]));
        // bob is asked for no section that nothing would play in.
        Assert.Single(bob.Offer.Sections, section => section is { Kind: SectionKind.Video, Direction: MediaDirection.RecvOnly });
    }

    [Fact]
    public void A_publisher_is_asked_for_the_first_codec_that_all_play()
    {
        using var node = new VirtualNode(seed: 83);
        var bob = node.JoinPublishing("bob", codecs: [.. TestCodecs.Vp8(), .. TestCodecs.H264()]);
        bob.Offer.AddReceivers(0, 1);
        node.Negotiate(bob);
        var alice = node.JoinPublishing("alice", codecs: [.. TestCodecs.Av1(), .. TestCodecs.H264(102, "42001f"), .. TestCodecs.H264(108), .. TestCodecs.Vp8()]);
        node.Run(TimeSpan.FromSeconds(3));

        // Not AV1, which bob has not; not Baseline, which his Constrained Baseline does not include.
        var section = alice.Answer!.Sections[1];
        Assert.Equal(["108 H264", "109 rtx"], section.Codecs.Select(codec => $"{codec.PayloadType} {codec.Name}"));
        Assert.All(bob.TrackOf(alice.Sources[1])!.Packets, packet => Assert.Equal(102, packet.PayloadType.Value));
        Assert.Empty(node.Told<UnplayableEvent>());
    }

    [Fact]
    public void A_section_that_changes_from_one_codec_to_another_goes_on_under_the_other_number()
    {
        using var node = new VirtualNode(seed: 84);
        var all = (IReadOnlyList<Codec>)[.. TestCodecs.Vp8(), .. TestCodecs.Vp9(), .. TestCodecs.H264()];
        var alice = node.JoinPublishing("alice", codecs: TestCodecs.Vp9());
        var bob = node.Join("bob", publish: false, codecs: all);
        bob.Offer.AddReceivers(1, 1);
        node.Negotiate(bob);
        node.Run(TimeSpan.FromSeconds(3));
        node.Leave(alice);
        var carol = node.JoinPublishing("carol", codecs: TestCodecs.H264(120));
        node.Run(TimeSpan.FromSeconds(3));

        var track = bob.TrackOf(carol.Sources[1])!;
        Assert.Equal([98, 102], track.Packets.Select(packet => (int)packet.PayloadType.Value).Distinct());
        Assert.True(track.IsContinuous());
        Assert.True(track.From(carol.Sources[1].Ssrc).First().IsKeyframe);
    }

    /// <summary>A frame that comes with the one before it: as it is to who negotiated that, under its own numbers; to others the new frame alone.</summary>
    [Fact]
    public void Redundant_audio_is_passed_on_or_unpacked()
    {
        using var node = new VirtualNode(seed: 87);
        var alice = node.Join("alice");
        alice.Offer.AudioCodecs = [TestCodecs.Red(), TestCodecs.Opus()];
        alice.Publish(SectionKind.Audio);
        node.Negotiate(alice);
        var bob = node.Join("bob", publish: false);
        bob.Offer.AudioCodecs = [TestCodecs.Opus(109), TestCodecs.Red(120, 109)];
        bob.Offer.AddReceivers(1, 0);
        node.Negotiate(bob);
        var carol = node.Join("carol", publish: false);
        carol.Offer.AudioCodecs = [TestCodecs.Opus(100)];
        carol.Offer.AddReceivers(1, 0);
        node.Negotiate(carol);
        node.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(["63 red", "111 opus"], alice.Answer!.Sections[0].Codecs.Select(codec => $"{codec.PayloadType} {codec.Name}"));
        Assert.Contains("minptime=10;useinbandfec=1", alice.Answer.Sections[0].Codecs[1].FormatParameters);
        var (passed, unpacked) = (bob.TrackOf(alice.Sources[0])!, carol.TrackOf(alice.Sources[0])!);
        Assert.InRange(passed.Packets.Count, 100, 150);
        Assert.InRange(unpacked.Packets.Count, 100, 150);
        Assert.All(passed.Packets, packet => Assert.Equal((120, 165), (packet.PayloadType.Value, packet.Length)));
        Assert.All(unpacked.Packets, packet => Assert.Equal((100, 80), (packet.PayloadType.Value, packet.Length)));
        Assert.True(passed.IsContinuous() && unpacked.IsContinuous());
        Assert.All(passed.RedTypes, type => Assert.Equal(109, type.Value));
    }

    [Fact]
    public void Streams_without_ssrc_lines_are_known_by_their_mid_and_their_repairs_as_well()
    {
        using var node = new VirtualNode(seed: 85);
        var alice = node.JoinPublishing("alice", tellsSsrcs: false);
        var bob = node.JoinPublishing("bob", tellsSsrcs: false);
        alice.Repairs = bob.Repairs = true;
        node.Run(TimeSpan.FromSeconds(2));
        node.Link.Conditions = new LinkConditions(Loss: 0.03, Delay: TimeSpan.FromMilliseconds(10));
        node.Run(TimeSpan.FromSeconds(8));
        node.Link.Conditions = LinkConditions.Perfect;
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(0, bob.TrackOf(alice.Sources[1])!.Missing.Count);
        Assert.InRange(alice.RepeatsSent, 10, int.MaxValue);
        Assert.Equal(0, node.Counters.Drops[DropReason.UnknownSsrc]);
    }

    /// <summary>Dependency descriptors longer than sixteen bytes need the two-byte form; their frame numbers go on across publishers.</summary>
    [Fact]
    public void Long_descriptors_are_forwarded_and_their_frame_numbers_go_on()
    {
        using var node = new VirtualNode(seed: 86);
        var alice = node.Join("alice", codecs: TestCodecs.Av1());
        alice.SendsDescriptors = true;
        alice.Publish(SectionKind.Video);
        node.Negotiate(alice);
        var bob = node.Join("bob", publish: false, codecs: TestCodecs.Av1());
        bob.Offer.AddReceivers(0, 1);
        node.Negotiate(bob);
        node.Run(TimeSpan.FromSeconds(3));
        node.Leave(alice);
        var carol = node.Join("carol", codecs: TestCodecs.Av1());
        carol.SendsDescriptors = true;
        carol.Publish(SectionKind.Video);
        node.Negotiate(carol);
        node.Run(TimeSpan.FromSeconds(3));

        var numbers = bob.FrameNumbers.Distinct().ToList();
        Assert.InRange(numbers.Count, 120, 200);
        Assert.Equal(Enumerable.Range(0, numbers.Count).Select(i => (ushort)(numbers[0] + i)), numbers);
        Assert.Equal(0, node.Counters.Drops[DropReason.Malformed]);
    }

    static Codec[] Codecs(string name, byte type) => name switch
    {
        "VP8" => TestCodecs.Vp8(type),
        "H264" => TestCodecs.H264(type),
        "VP9" => TestCodecs.Vp9(type),
        _ => TestCodecs.Av1(type),
    };
}
