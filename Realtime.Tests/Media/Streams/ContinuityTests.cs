using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class ContinuityTests
{
    [Fact]
    public void Numbers_go_on_across_sources_and_wraps_and_losses_stay_gaps()
    {
        var rewriter = new SequenceRewriter(new SequenceNumber(65_530));
        var mapped = new List<int>();
        for (var i = 0; i < 10; i++) mapped.Add(Map(ref rewriter, (ushort)(100 + i)));
        rewriter.Restart();
        // Another source; its third packet is lost.
        foreach (var input in new ushort[] { 65_534, 65_535, 1, 2 }) mapped.Add(Map(ref rewriter, input));
        Assert.Equal([65530, 65531, 65532, 65533, 65534, 65535, 0, 1, 2, 3, 4, 5, 7, 8], mapped);
        // It was only late.
        Assert.Equal(6, Map(ref rewriter, 0));
    }

    [Fact]
    public void A_packet_from_before_the_start_is_refused()
    {
        var rewriter = new SequenceRewriter(new SequenceNumber(10));
        Assert.True(rewriter.TryMap(new SequenceNumber(500), out _));
        Assert.False(rewriter.TryMap(new SequenceNumber(499), out _));
        Assert.True(rewriter.TryMap(new SequenceNumber(501), out var next));
        Assert.Equal(11, next.Value);
    }

    [Fact]
    public void Time_goes_on_by_the_clock_when_another_source_starts()
    {
        var rewriter = new TimestampRewriter(new RtpTimestamp(uint.MaxValue - 100), 90_000);
        var first = rewriter.Map(new RtpTimestamp(5_000), Instant.FromMilliseconds(0));
        Assert.Equal(3_000, rewriter.Map(new RtpTimestamp(8_000), Instant.FromMilliseconds(33)).DistanceFrom(first));
        rewriter.Restart();
        Assert.Equal(3_000 + 90_000, rewriter.Map(new RtpTimestamp(777), Instant.FromMilliseconds(1033)).DistanceFrom(first));
    }

    static int Map(ref SequenceRewriter rewriter, ushort sequence)
    {
        Assert.True(rewriter.TryMap(new SequenceNumber(sequence), out var mapped));
        return mapped.Value;
    }
}
