using FsCheck;
using FsCheck.Fluent;
using Realtime.Signaling.Channels;
using Xunit;

namespace Realtime.Tests.Signaling.Channels;

public class ChannelTimelineTests
{
    static ChannelEvent Event(long seq, long epoch = 1) => new(epoch, seq, ChannelEventKind.Created, seq, new byte[] { 1 }, default);

    static ChannelTimeline Loaded(long head)
    {
        var timeline = new ChannelTimeline(static one => one);
        timeline.Load(1, head, []);
        return timeline;
    }

    [Fact]
    public void What_comes_early_waits_for_what_is_before_it()
    {
        var timeline = Loaded(10);
        var ready = new List<ChannelEvent>();
        Assert.Equal(OfferOutcome.Gap, timeline.Offer(Event(12), ready));
        Assert.Empty(ready);
        Assert.True(timeline.HasGap);
        Assert.Equal(OfferOutcome.Advanced, timeline.Offer(Event(11), ready));
        Assert.Equal([11, 12], ready.Select(static one => one.Seq));
        Assert.False(timeline.HasGap);
        Assert.Equal(OfferOutcome.Duplicate, timeline.Offer(Event(12), ready));
    }

    [Fact]
    public void An_announced_event_is_a_gap_although_nothing_follows_it()
    {
        var timeline = Loaded(10);
        Assert.Equal(OfferOutcome.Gap, timeline.Announce(1, 11));
        Assert.True(timeline.HasGap);
        timeline.Offer(Event(11), []);
        Assert.False(timeline.HasGap);
        Assert.Equal(OfferOutcome.Duplicate, timeline.Announce(1, 11));
    }

    [Fact]
    public void A_higher_epoch_is_noticed_and_a_lower_one_ignored()
    {
        var timeline = new ChannelTimeline(static one => one);
        timeline.Load(2, 5, []);
        Assert.Equal(OfferOutcome.NewEpoch, timeline.Offer(Event(1, epoch: 3), []));
        Assert.Equal(OfferOutcome.Duplicate, timeline.Offer(Event(6, epoch: 1), []));
        Assert.Equal(5, timeline.Head);
    }

    [Fact]
    public void Memory_reaches_back_as_far_as_the_ring_and_says_where_it_ends()
    {
        var timeline = Loaded(0);
        for (var seq = 1; seq <= 300; seq++)
            timeline.Offer(Event(seq), []);
        var read = new List<ChannelEvent>();
        Assert.False(timeline.TryRead(300 - ChannelTimeline.RingSize - 1, 10, read));
        Assert.True(timeline.TryRead(300 - ChannelTimeline.RingSize, 10, read));
        Assert.Equal(Enumerable.Range(45, 10).Select(static seq => (long)seq), read.Select(static one => one.Seq));
        Assert.True(timeline.TryRead(300, 10, []));
    }

    [Fact]
    public void What_was_loaded_can_be_read_as_far_as_it_is_contiguous()
    {
        var timeline = new ChannelTimeline(static one => one);
        timeline.Load(1, 10, [Event(5), Event(8), Event(9), Event(10)]);
        Assert.Equal(3, timeline.Held);
        Assert.False(timeline.TryRead(6, 10, []));
        Assert.True(timeline.TryRead(7, 10, []));
    }

    /// <summary>
    /// Events of 1..n in any order, some twice, some never; at the end whatever is missing is read as the repair would. Out comes 1, 2, 3 … n, once each.
    /// </summary>
    [Fact]
    public void Any_order_loss_and_repetition_comes_out_once_and_in_order() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<bool>(), (arrivals, repairEarly) =>
        {
            const int n = 200;
            var timeline = Loaded(0);
            var ready = new List<ChannelEvent>();
            foreach (var arrival in arrivals)
            {
                timeline.Offer(Event((arrival % n) + 1), ready);
                if (repairEarly && arrival % 7 == 0)
                    Repair(timeline, ready);
            }
            timeline.Announce(1, n);
            Repair(timeline, ready);
            return ready.Select(static one => one.Seq).SequenceEqual(Enumerable.Range(1, n).Select(static seq => (long)seq)) && !timeline.HasGap;
        }));

    static void Repair(ChannelTimeline timeline, List<ChannelEvent> ready)
    {
        while (timeline.HasGap)
            timeline.Offer(Event(timeline.Head + 1), ready);
    }

    [Fact]
    public void A_flood_of_early_events_is_bounded_and_nothing_is_lost()
    {
        var timeline = Loaded(0);
        for (var seq = 1000; seq >= 2; seq--)
            timeline.Offer(Event(seq), []);
        var ready = new List<ChannelEvent>();
        Repair(timeline, ready);
        Assert.Equal(1000, timeline.Head);
        Assert.Equal(1000, ready.Count);
    }

    [Fact]
    public void A_deletion_in_order_takes_back_what_memory_holds_of_its_message()
    {
        var timeline = new ChannelTimeline(static one => one with { Frame = default });
        timeline.Load(1, 0, []);
        var ready = new List<ChannelEvent>();
        timeline.Offer(Event(1), ready);
        timeline.Offer(Event(2), ready);
        // It waits: nothing is taken back before its turn, and then also what came with it.
        timeline.Offer(Event(4) with { Kind = ChannelEventKind.Deleted, MessageSeq = 1 }, ready);
        Assert.Equal([1, 1], Lengths(timeline));
        timeline.Offer(Event(3) with { Kind = ChannelEventKind.Updated, MessageSeq = 1 }, ready);
        Assert.Equal([0, 1, 0, 1], Lengths(timeline));
        Assert.Equal([1, 1, 1, 1], ready.Select(static one => one.Frame.Length));
    }

    [Fact]
    public void Changes_of_a_message_that_memory_has_let_go_are_taken_back_too()
    {
        var timeline = new ChannelTimeline(static one => one with { Frame = default });
        timeline.Load(1, 100, [Event(99) with { Kind = ChannelEventKind.Updated, MessageSeq = 3 }, Event(100)]);
        timeline.Offer(Event(101) with { Kind = ChannelEventKind.Deleted, MessageSeq = 3 }, []);
        List<ChannelEvent> held = [];
        timeline.ReadLast(10, held);
        Assert.Equal([0, 1, 1], held.Select(static one => one.Frame.Length));
    }

    static IEnumerable<int> Lengths(ChannelTimeline timeline)
    {
        List<ChannelEvent> held = [];
        timeline.TryRead(0, 100, held);
        return held.Select(static one => one.Frame.Length);
    }
}
