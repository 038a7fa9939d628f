using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class QualityIsTold
{
    [Fact]
    public void Loss_makes_it_poor_after_two_looks_and_good_again_after_three()
    {
        using var node = new VirtualNode(seed: 530);
        node.JoinPublishing("alice");
        node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(10));
        Assert.Empty(node.Told<QualityChangedEvent>());

        node.Link.Conditions = new LinkConditions(Loss: 0.25);
        node.Run(TimeSpan.FromSeconds(12));
        var poor = node.Told<QualityChangedEvent>("alice").Last().Quality;
        Assert.Equal((QualityLevel.Poor, QualityReason.Loss), (poor.Quality, poor.Reason));

        node.Link.Conditions = LinkConditions.Perfect;
        node.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(new ConnectionQuality(QualityLevel.Good), node.Told<QualityChangedEvent>("alice").Last().Quality);
        Assert.InRange(node.Told<QualityChangedEvent>("alice").Count(), 2, 4);
    }

    [Fact]
    public void A_long_way_is_told_as_such_and_the_statistics_say_what_flows()
    {
        using var node = new VirtualNode(seed: 531, new LinkConditions(Delay: TimeSpan.FromMilliseconds(200)));
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        alice.EchoesReports = bob.EchoesReports = true;
        node.Run(TimeSpan.FromSeconds(15));
        Assert.Equal((QualityLevel.Fair, QualityReason.RoundTrip), (node.Told<QualityChangedEvent>("bob").Last().Quality.Quality, node.Told<QualityChangedEvent>("bob").Last().Quality.Reason));

        var detail = node.Worker.Describe(node.Now, VirtualNode.Room, "media-0")!;
        var statistics = detail.Participants.Single(static one => one.Participant == "alice").Statistics;
        Assert.InRange(statistics.RoundTripMs!.Value, 390, 420);
        var camera = statistics.Tracks.Single(static track => track is { Direction: LinkDirection.Up, Kind: MediaKind.Video });
        // 90 packets of 900 bytes a second.
        Assert.InRange(camera.Bitrate, 600_000, 700_000);
        // As of the last look, up to two seconds ago.
        Assert.InRange(camera.Packets, alice.Sources[1].PacketsSent - 220, alice.Sources[1].PacketsSent);
        var played = statistics.Tracks.Single(static track => track is { Direction: LinkDirection.Down, Kind: MediaKind.Video });
        Assert.InRange(played.Bitrate, 600_000, 700_000);
        Assert.Equal(0, played.Freezes);
    }

    [Fact]
    public void The_detail_of_a_room_tells_no_names_addresses_or_keys()
    {
        using var node = new VirtualNode(seed: 532);
        var alice = node.JoinPublishing("alice");
        node.Run(TimeSpan.FromSeconds(3));
        var json = System.Text.Json.JsonSerializer.Serialize(node.Worker.Describe(node.Now, VirtualNode.Room, "media-0"), ContractsJson.Options);
        foreach (var secret in new[] { "user-alice", alice.Offer.Ufrag, alice.Offer.Pwd, "10.0.", "5000" }) Assert.DoesNotContain(secret, json, StringComparison.Ordinal);
        Assert.Null(node.Worker.Describe(node.Now, "another", "media-0"));
    }
}
