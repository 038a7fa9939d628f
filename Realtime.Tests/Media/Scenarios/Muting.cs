using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class Muting
{
    [Fact]
    public void Nothing_of_a_muted_track_is_forwarded_and_it_comes_back_with_a_key_frame()
    {
        using var node = new VirtualNode(seed: 30);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(2));
        var camera = alice.Sources[1];
        var track = node.Told<PublishedEvent>("alice").Single(e => e.Mid == "1").Track.Track;

        node.SetMuted(alice, track, muted: true);
        node.Run(TimeSpan.FromMilliseconds(50));
        var before = bob.TrackOf(camera)!.Packets.Count;
        node.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(before, bob.TrackOf(camera)!.Packets.Count);
        Assert.NotEqual(0, node.Counters.Drops[DropReason.NotPublishing]);

        node.SetMuted(alice, track, muted: false);
        node.Run(TimeSpan.FromSeconds(1));
        var received = bob.TrackOf(camera)!;
        Assert.True(received.IsContinuous());
        Assert.True(received.Packets[before].IsKeyframe);
        Assert.Equal([true, false], node.Told<MutedEvent>("alice").Select(e => e.Muted));
    }
}
