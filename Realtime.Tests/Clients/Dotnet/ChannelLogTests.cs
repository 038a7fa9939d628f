using Realtime.Client.Channels;
using Xunit;

namespace Realtime.Tests.Clients.Dotnet;

public sealed class ChannelLogTests
{
    [Fact]
    public void Whatever_the_order_of_arrival_everything_comes_out_once_and_in_order()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var log = new ChannelLog<long>();
            var seen = new List<long>(log.StartAt(1, 10));
            // Each of a hundred one to three times, in an order of chance.
            var arriving = Enumerable.Range(1, 100).SelectMany(i => Enumerable.Repeat((long)i, random.Next(1, 4))).ToArray();
            random.Shuffle(arriving);
            foreach (var seq in arriving)
                seen.AddRange(log.Accept(1, seq, seq));
            Assert.Equal(Enumerable.Range(11, 90).Select(static i => (long)i), seen);
            Assert.False(log.HasGap);
        }
    }

    [Fact]
    public void What_comes_before_the_start_waits_for_it()
    {
        var log = new ChannelLog<string>();
        Assert.Empty(log.Accept(1, 5, "five"));
        Assert.Empty(log.Accept(1, 4, "four"));
        Assert.Equal(["five"], log.StartAt(1, 4));
        Assert.Equal(5, log.Seq);
    }

    [Fact]
    public void A_hole_that_is_known_to_hold_nothing_is_closed()
    {
        var log = new ChannelLog<long>();
        log.StartAt(1, 0);
        Assert.Empty(log.Accept(1, 3, 3));
        Assert.Empty(log.Accept(1, 7, 7));
        Assert.Equal([3], log.CloseGaps(5));
        Assert.Equal(5, log.Seq);
        Assert.True(log.HasGap);
        Assert.Equal([6, 7], log.Accept(1, 6, 6));
    }

    [Fact]
    public void The_farthest_are_dropped_when_too_many_wait()
    {
        var log = new ChannelLog<long>();
        log.StartAt(1, 0);
        for (var seq = 2L; seq < ChannelLog<long>.MaxWaiting + 10; seq++)
            log.Accept(1, seq, seq);
        var due = log.Accept(1, 1, 1);
        Assert.Equal(ChannelLog<long>.MaxWaiting + 1, due[^1]);
        Assert.False(log.HasGap);
    }

    [Fact]
    public void Another_epoch_is_not_mixed_in()
    {
        var log = new ChannelLog<string>();
        log.StartAt(1, 0);
        Assert.Empty(log.Accept(2, 1, "new"));
        Assert.True(log.IsNewerEpoch(2));
        Assert.Equal(["old"], log.Accept(1, 1, "old"));
    }
}
