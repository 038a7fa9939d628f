using Realtime.Media.Streams;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class KeyframeStorm
{
    [Fact]
    public void A_crowd_that_asks_at_once_in_both_ways_makes_one_request_per_interval()
    {
        using var node = new VirtualNode(seed: 90);
        var alice = node.JoinPublishing("alice");
        var crowd = Enumerable.Range(0, 30).Select(i =>
        {
            var peer = node.Join($"crowd-{i}", publish: false);
            peer.Offer.AddReceivers(1, 1);
            node.Negotiate(peer);
            return peer;
        }).ToList();
        node.Run(TimeSpan.FromSeconds(5));
        var asked = alice.KeyframeRequests;

        // Two seconds of thirty people asking each 50 ms; every FIR is a new command.
        for (var round = 0; round < 40; round++)
        {
            foreach (var (i, peer) in crowd.Index())
            {
                if (i % 2 == 0) node.Act(peer, outbox => peer.SendPli(VideoMid(peer), outbox));
                else node.Act(peer, outbox => peer.SendFir(VideoMid(peer), (byte)round, outbox));
            }

            node.Run(TimeSpan.FromMilliseconds(50));
        }

        node.Run(TimeSpan.FromSeconds(1));
        var intervals = (int)(TimeSpan.FromSeconds(2) / KeyframeRequests.Interval);
        Assert.InRange(alice.KeyframeRequests - asked, intervals, intervals + 2);
        Assert.Equal(0, alice.FullIntraRequests);
    }

    [Fact]
    public void A_repeated_fir_is_the_same_command()
    {
        using var node = new VirtualNode(seed: 91);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(5));
        var asked = alice.KeyframeRequests;
        for (var i = 0; i < 30; i++)
        {
            node.Act(bob, outbox => bob.SendFir(VideoMid(bob), 7, outbox));
            node.Run(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(asked + 1, alice.KeyframeRequests);
    }

    static string VideoMid(TestPeer peer) => peer.Tracks.First(track => track.Answer.Kind == Realtime.Media.Sdp.SectionKind.Video).Answer.Mid;
}
