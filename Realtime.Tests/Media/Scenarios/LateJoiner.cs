using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class LateJoiner
{
    [Fact]
    public void Gets_a_key_frame_first_and_soon()
    {
        using var node = new VirtualNode(seed: 10);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(5));

        var joinedAt = node.Now;
        var carol = node.JoinPublishing("carol");
        Assert.True(node.RunUntil(() => carol.Tracks.Count(track => track.Packets.Count > 0) == 4, TimeSpan.FromSeconds(1)));

        foreach (var camera in new[] { alice.Sources[1], bob.Sources[1] })
        {
            var first = carol.TrackOf(camera)!.Packets[0];
            Assert.True(first.IsKeyframe);
            Assert.InRange((first.At - joinedAt).TotalMilliseconds, 0, 500);
        }
    }

    [Fact]
    public void Wishes_of_many_make_few_requests_and_the_last_is_not_lost()
    {
        using var node = new VirtualNode(seed: 11);
        var alice = node.JoinPublishing("alice");
        node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(5));

        var asked = alice.KeyframeRequests;
        var crowd = Enumerable.Range(0, 20).Select(i =>
        {
            var peer = node.Join($"crowd-{i}", publish: false);
            peer.Offer.AddReceivers(2, 2);
            node.Negotiate(peer);
            node.Run(TimeSpan.FromMilliseconds(20));
            return peer;
        }).ToList();
        node.Run(TimeSpan.FromSeconds(2));

        // 400 ms of joining and the tail: at most one per 300 ms, and one for the last.
        Assert.InRange(alice.KeyframeRequests - asked, 1, 3);
        Assert.All(crowd, peer => Assert.True(peer.TrackOf(alice.Sources[1])!.Packets[0].IsKeyframe));
    }

    [Fact]
    public void A_lost_request_is_repeated_until_the_key_frame_comes()
    {
        using var node = new VirtualNode(seed: 12);
        var alice = node.JoinPublishing("alice");
        node.Run(TimeSpan.FromSeconds(3));
        alice.Sources[1].KeyframeWanted = false;
        var bob = node.JoinPublishing("bob");
        // The first requests reach alice, who does not answer them.
        Assert.True(node.RunUntil(
            () =>
            {
                if (alice.KeyframeRequests < 4) alice.Sources[1].KeyframeWanted = false;
                return bob.TrackOf(alice.Sources[1]) is not null;
            },
            TimeSpan.FromSeconds(6)));
        Assert.True(bob.TrackOf(alice.Sources[1])!.Packets[0].IsKeyframe);
        Assert.InRange(alice.KeyframeRequests, 4, 8);
    }

    [Fact]
    public void A_subscribers_own_wish_reaches_the_publisher()
    {
        using var node = new VirtualNode(seed: 13);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(5));

        var asked = alice.KeyframeRequests;
        var mid = bob.Answer!.Sections.First(section => section.Kind == SectionKind.Video && section.Direction == MediaDirection.SendOnly).Mid;
        node.Act(bob, outbox => bob.SendPli(mid, outbox));
        node.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(asked + 1, alice.KeyframeRequests);
        Assert.Equal(0, node.Counters.Drops[DropReason.Malformed]);
    }
}
