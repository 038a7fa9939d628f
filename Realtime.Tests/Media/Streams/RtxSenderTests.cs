using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class RtxSenderTests
{
    static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);

    static Instant At(long ms) => Instant.FromMilliseconds(1000 + ms);

    [Fact]
    public void One_packet_is_sent_again_once_per_round_trip_and_ten_times_in_all()
    {
        var rtx = new RtxSender(new Ssrc(1), new SequenceNumber(5));
        rtx.Earn(1 << 20);
        var times = 0;
        for (var ms = 0; ms < 2000; ms++)
        {
            if (!rtx.TryTake(At(ms), new SequenceNumber(9), 1000, RoundTrip)) continue;
            Assert.Equal(0, ms % 50);
            times++;
        }

        Assert.Equal(RtxSender.MaxTimes, times);
    }

    [Fact]
    public void All_together_stay_within_half_of_what_the_stream_sends()
    {
        var rtx = new RtxSender(new Ssrc(1), new SequenceNumber(5));
        long sent = 0, repeated = 0;
        for (ushort i = 0; i < 5000; i++)
        {
            rtx.Earn(1200);
            sent += 1200;
            // Everything is reported lost, each packet thrice.
            for (var k = 0; k < 3; k++)
            {
                if (rtx.TryTake(At(i), new SequenceNumber((ushort)(i - (k * 300))), 1200, RoundTrip)) repeated += 1200;
            }
        }

        Assert.InRange(repeated, sent / 2, (sent / 2) + RtxSender.MaxCredit);
    }

    [Fact]
    public void Its_numbers_go_on_by_one()
    {
        var rtx = new RtxSender(new Ssrc(1), new SequenceNumber(ushort.MaxValue));
        Assert.Equal([65_535, 0, 1], Enumerable.Range(0, 3).Select(_ => (int)rtx.NextSequence().Value));
    }

    [Fact]
    public void A_stream_finds_the_sources_number_of_what_it_sent_and_of_nothing_else()
    {
        var rewriter = new SequenceRewriter(new SequenceNumber(65_530));
        for (ushort i = 0; i < 20; i++) rewriter.TryMap(new SequenceNumber((ushort)(100 + i)), out _);
        rewriter.Restart();
        for (ushort i = 0; i < 20; i++)
        {
            Assert.True(rewriter.TryMap(new SequenceNumber((ushort)(65_530 + i)), out var mapped));
            Assert.True(rewriter.TryInvert(mapped, out var sequence, out _));
            Assert.Equal((ushort)(65_530 + i), sequence.Value);
            Assert.False(rewriter.TryInvert(mapped.Next, out _, out _));
        }

        // Before the start of what plays now: another source's, or this one's before its pause.
        Assert.False(rewriter.TryInvert(rewriter.Highest - 20, out _, out _));
        Assert.True(rewriter.TryInvert(rewriter.Highest - 19, out _, out _));
    }
}
