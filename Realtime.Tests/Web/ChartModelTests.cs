using Realtime.Web.Model;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Where lines of charts go.</summary>
public class ChartModelTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(7, 10)]
    [InlineData(140, 200)]
    [InlineData(480, 500)]
    [InlineData(1001, 2000)]
    public void The_scale_ends_at_a_round_number(double most, double top) => Assert.Equal(top, ChartModel.Top([new ChartSeries(null, [most, double.NaN])]));

    [Fact]
    public void The_newest_value_is_at_the_right_edge_and_what_is_unknown_is_a_gap() =>
        Assert.Equal("M297 80L298 40M300 0", ChartModel.PathOf([0, 5, double.NaN, 10], 10));
}
