using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Congestion;

/// <summary>The estimate against links that are known.</summary>
public sealed class EstimatorTests
{
    static readonly TimeSpan Seconds5 = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(3_000_000)]
    public void ALinkIsKnownWithinSecondsAndUsed(long rate)
    {
        var path = Path(1, rate, source: 10_000_000);
        path.Run(Seconds5);
        path.Course.Clear();
        path.Run(Seconds5 * 4);
        Assert.All(path.Course, point => Assert.InRange(point.Estimate / rate, 0.60, 1.30));
        Assert.InRange(path.Course.Average(point => point.Estimate) / rate, 0.75, 1.20);
    }

    /// <summary>Less is sent than the link carries: probes alone tell what it would.</summary>
    [Theory]
    [InlineData(3_000_000, 600_000)]
    [InlineData(500_000, 200_000)]
    [InlineData(2_500_000, 200_000)]
    public void ALinkIsKnownThoughLittleIsSent(long rate, double source)
    {
        var path = Path(2, rate, source);
        path.Estimator.Wanted = rate * 2;
        path.Run(Seconds5 * 2);
        path.Course.Clear();
        path.Run(Seconds5 * 2);
        Assert.All(path.Course, point => Assert.InRange(point.Estimate / rate, 0.70, 1.05));
    }

    /// <summary>From 3 Mbit/s to 500 kbit/s and back, what is wanted between the two.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void AStepDownAndUpIsFollowed(ulong seed)
    {
        var path = Path(seed, 3_000_000, source: 900_000);
        path.Estimator.Wanted = 1_000_000;
        path.Run(Seconds5 * 2);
        path.Link = path.Link with { Rate = new Bitrate(500_000) };
        path.Run(Seconds5);
        path.Course.Clear();
        path.Run(Seconds5 * 2);
        Assert.All(path.Course, point => Assert.InRange(point.Estimate / 500_000, 0.70, 1.05));
        path.Link = path.Link with { Rate = new Bitrate(3_000_000) };
        path.Run(Seconds5);
        Assert.InRange(path.Estimate, 1_000_000, 3_150_000);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.10)]
    [InlineData(0.20)]
    public void LossThatTheLinkHasAnywayStarvesNobody(double loss)
    {
        var path = Path(21, 3_000_000, source: 900_000);
        path.Estimator.Wanted = 1_000_000;
        path.Link = path.Link with { Loss = loss };
        path.Run(Seconds5);
        path.Course.Clear();
        path.Run(Seconds5 * 6);
        Assert.InRange(path.Course.Count(point => point.Estimate < 900_000) / (double)path.Course.Count, 0, loss > 0.15 ? 0.35 : 0.05);
    }

    /// <summary>A policer drops instead of queueing: no delay tells of it.</summary>
    [Fact]
    public void ALinkWithoutAQueueIsFollowedByItsLoss()
    {
        var path = Path(22, 500_000, source: 3_000_000);
        path.Link = path.Link with { Queue = TimeSpan.FromMilliseconds(30) };
        path.Run(Seconds5);
        path.Course.Clear();
        path.Run(Seconds5 * 4);
        Assert.InRange(path.Course.Average(point => point.Estimate), 300_000, 650_000);
    }

    [Fact]
    public void JitterAndReorderingAreNoQueue()
    {
        var path = Path(23, 10_000_000, source: 1_500_000);
        path.Estimator.Wanted = 1_500_000;
        path.Link = path.Link with { Jitter = TimeSpan.FromMilliseconds(30) };
        path.Run(Seconds5);
        path.Course.Clear();
        path.Run(Seconds5 * 6);
        Assert.InRange(path.Course.Count(point => point.Estimate < 1_400_000) / (double)path.Course.Count, 0, 0.1);
    }

    /// <summary>What nobody needs to know is not asked for.</summary>
    [Fact]
    public void AFastLinkIsProbedAFewTimesAndThenNoMore()
    {
        var path = Path(24, 100_000_000, source: 1_000_000);
        path.Estimator.Wanted = 1_000_000;
        path.Run(Seconds5 * 4);
        var probes = path.Probes;
        path.Run(Seconds5 * 20);
        Assert.InRange(probes, 1, 6);
        Assert.Equal(probes, path.Probes);
        Assert.InRange(path.Estimate, 4_500_000, 50_000_000);
    }

    static SimulatedPath Path(ulong seed, long rate, double source)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        return new SimulatedPath(seed) { Source = source, Link = new LinkConditions(Delay: TimeSpan.FromMilliseconds(25), Rate: new Bitrate(rate)) };
    }
}
