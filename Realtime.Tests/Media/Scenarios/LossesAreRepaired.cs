using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class LossesAreRepaired
{
    /// <summary>Both ways lossy: up from the publisher and down to the subscriber. Every packet of the camera comes, in the end.</summary>
    [Theory]
    [InlineData(70)]
    [InlineData(71)]
    public void Five_percent_loss_and_every_frame_is_whole(ulong seed)
    {
        using var node = new VirtualNode(seed);
        var (alice, bob) = Repairing(node);
        node.Run(TimeSpan.FromSeconds(2));
        node.Link.Conditions = new LinkConditions(Loss: 0.05, Delay: TimeSpan.FromMilliseconds(20), Jitter: TimeSpan.FromMilliseconds(5));
        var from = alice.Sources[1].PacketsSent;
        node.Run(TimeSpan.FromSeconds(20));
        var to = alice.Sources[1].PacketsSent;
        node.Link.Conditions = LinkConditions.Perfect;
        node.Run(TimeSpan.FromSeconds(2));

        var packets = bob.TrackOf(alice.Sources[1])!.Packets;
        var numbers = packets.Select(packet => packet.Number).ToList();
        // A repetition whose request crossed with the packet itself.
        Assert.InRange(numbers.Count - numbers.Distinct().Count(), 0, 10);
        Assert.Empty(Missing(numbers, from, to));
        // Under the number it had: nothing else tells a decoder where a packet belongs.
        var first = packets[0];
        Assert.All(packets, packet => Assert.Equal((ushort)(first.Sequence.Value + packet.Number - first.Number), packet.Sequence.Value));
        Assert.All(packets, packet => Assert.Equal(first.PayloadType, packet.PayloadType));
        Assert.Contains(packets, packet => packet.IsRepeat);
        Assert.InRange(alice.RepeatsSent, 50, 400);
        Assert.Equal(0, node.Counters.Drops[DropReason.Replayed] + node.Counters.Drops[DropReason.OutboxFull]);
        Assert.Empty(node.TakeCrashReports());
    }

    [Fact]
    public void Reordering_alone_is_hardly_asked_about()
    {
        using var node = new VirtualNode(seed: 72);
        var (alice, bob) = Repairing(node);
        node.Run(TimeSpan.FromSeconds(1));
        node.Link.Conditions = new LinkConditions(Jitter: TimeSpan.FromMilliseconds(8));
        node.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(0, alice.NackedNumbers);
        Assert.Equal(0, bob.TrackOf(alice.Sources[1])!.Missing.Count);
    }

    [Fact]
    public void A_publisher_that_does_not_answer_is_asked_a_bounded_number_of_times_and_then_for_a_key_frame()
    {
        using var node = new VirtualNode(seed: 73);
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        node.Run(TimeSpan.FromSeconds(2));
        var (lost, keyframes) = (alice.Sources[1].PacketsSent, alice.KeyframeRequests);
        node.Link.Unplugged.Add(alice.Address);
        node.Run(TimeSpan.FromMilliseconds(100));
        node.Link.Unplugged.Remove(alice.Address);
        lost = alice.Sources[1].PacketsSent - lost;
        node.Run(TimeSpan.FromSeconds(3));
        Assert.InRange(lost, 6, 15);
        Assert.InRange(alice.NackedNumbers, lost, lost * 10);
        Assert.Equal(keyframes + 1, alice.KeyframeRequests);
        Assert.NotNull(bob.TrackOf(alice.Sources[1]));
    }

    /// <summary>One who reports every packet lost, over and over, gets at most half of the stream again.</summary>
    [Fact]
    public void A_subscriber_that_asks_for_everything_has_its_share_and_no_more()
    {
        using var node = new VirtualNode(seed: 74);
        var (alice, bob) = Repairing(node);
        var carol = node.JoinPublishing("carol");
        node.Run(TimeSpan.FromSeconds(2));
        var track = bob.TrackOf(alice.Sources[1])!;
        var before = track.Packets.Count;
        for (var i = 0; i < 200; i++)
        {
            var highest = track.Packets.Where(packet => !packet.IsRepeat).Max(packet => packet.Number);
            var last = track.Packets.First(packet => packet.Number == highest).Sequence;
            node.Act(bob, outbox => bob.SendNack(track.Answer.Mid, [.. Enumerable.Range(0, 150).Select(k => last - (150 - k))], outbox));
            node.Run(TimeSpan.FromMilliseconds(20));
        }

        var added = track.Packets.Skip(before).ToList();
        Assert.InRange(added.Count(packet => packet.IsRepeat), 20, (added.Count(packet => !packet.IsRepeat) / 2) + 150);
        Assert.DoesNotContain(carol.TrackOf(alice.Sources[1])!.Packets, packet => packet.IsRepeat);
        Assert.True(carol.TrackOf(alice.Sources[1])!.IsContinuous());
    }

    [Fact]
    public void Repairing_allocates_nothing_either()
    {
        using var node = new VirtualNode(seed: 75);
        var (alice, bob) = Repairing(node);
        node.Run(TimeSpan.FromSeconds(2));
        node.Link.Conditions = new LinkConditions(Loss: 0.05, Delay: TimeSpan.FromMilliseconds(20));
        node.Run(TimeSpan.FromSeconds(8));
        var repeats = bob.TrackOf(alice.Sources[1])!.Packets.Count(packet => packet.IsRepeat);
        var allocated = node.LeastAllocated(TimeSpan.FromSeconds(20));
        Assert.InRange(bob.TrackOf(alice.Sources[1])!.Packets.Count(packet => packet.IsRepeat) - repeats, 50, int.MaxValue);
        Assert.Equal(0, allocated);
    }

    static (TestPeer Alice, TestPeer Bob) Repairing(VirtualNode node)
    {
        var alice = node.JoinPublishing("alice");
        var bob = node.JoinPublishing("bob");
        alice.Repairs = bob.Repairs = true;
        return (alice, bob);
    }

    static IEnumerable<long> Missing(List<long> numbers, long from, long to)
    {
        var got = numbers.ToHashSet();
        for (var number = from; number < to; number++)
        {
            if (!got.Contains(number)) yield return number;
        }
    }
}
