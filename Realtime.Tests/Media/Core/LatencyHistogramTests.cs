using Realtime.Media.Core;
using Xunit;

namespace Realtime.Tests.Media.Core;

public class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_true_to_a_fifth()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 1000; i++) histogram.Record(TimeSpan.FromMicroseconds(i * 10));
        var now = histogram.Read();
        foreach (var (fraction, expected) in new[] { (0.5, 5000.0), (0.99, 9900), (0.999, 9990) })
            Assert.InRange(LatencyHistogram.Percentile([], now, fraction).TotalMicroseconds, expected, expected * 1.26);
    }

    [Fact]
    public void Between_two_readings_only_what_came_between_counts()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromSeconds(1), 1000);
        var before = histogram.Read();
        Assert.Equal(TimeSpan.Zero, LatencyHistogram.Percentile(before, histogram.Read(), 0.5));
        histogram.Record(TimeSpan.FromMilliseconds(2), 3);
        Assert.InRange(LatencyHistogram.Percentile(before, histogram.Read(), 0.999).TotalMilliseconds, 2, 2.6);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(86_400_000_000)]
    public void Nothing_is_too_short_or_too_long(long microseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMicroseconds(microseconds));
        Assert.Equal(1, histogram.Read().Sum());
    }
}
