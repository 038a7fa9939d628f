using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>Buffers are used again for other peers and are not wiped in between: no byte of what was in them before may leave.</summary>
public sealed class NothingCrossesPeers
{
    [Fact]
    public void No_byte_that_was_in_the_outbox_before_leaves_it()
    {
        // Losses, so that repairs, reports, requests and repetitions are written as well; twice the same seed, only what lay in the buffers differs.
        Assert.Equal(Run(0x00), Run(0xA5));
    }

    static List<string> Run(byte canary)
    {
        using var node = new VirtualNode(seed: 550, new LinkConditions(Loss: 0.05));
        node.Fill(canary);
        var seen = new List<string>();
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        bob.Repairs = true;
        alice.KeepsClear = bob.KeepsClear = true;
        alice.SendsDescriptors = true;
        node.Run(TimeSpan.FromSeconds(4));
        Assert.True(bob.TrackOf(alice.Sources[1])!.Packets.Count > 100);
        foreach (var peer in new[] { alice, bob })
        {
            Assert.Equal(0, peer.BadPackets);
            seen.AddRange(peer.Clear.Select(Convert.ToHexString));
        }

        Assert.NotEmpty(seen);
        return seen;
    }
}
