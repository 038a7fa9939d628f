using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class ForwardingAllocatesNothing
{
    [Fact]
    public void Not_one_byte_in_a_call_reports_and_checks_included()
    {
        using var node = new VirtualNode(seed: 60);
        var peers = Enumerable.Range(0, 3).Select(i => node.JoinPublishing($"peer-{i}")).ToList();
        node.Run(TimeSpan.FromSeconds(10));

        var received = node.Counters.DatagramsIn;
        var forwarded = peers.Sum(peer => peer.Tracks.Sum(track => track.Packets.Count));
        var allocated = node.LeastAllocated(TimeSpan.FromSeconds(40));

        Assert.InRange(node.Counters.DatagramsIn - received, 16_000, int.MaxValue);
        Assert.InRange(peers.Sum(peer => peer.Tracks.Sum(track => track.Packets.Count)) - forwarded, 30_000, int.MaxValue);
        Assert.Equal(0, allocated);
    }
}
