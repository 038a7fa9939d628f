using Realtime.Contracts;
using Realtime.Signaling.Delivery;
using Xunit;

namespace Realtime.Tests.Signaling.Delivery;

public class ResumePlanTests
{
    static ResumedChannel Plan(long seq, long head, long first = 1, long? epoch = null) =>
        ResumePlan.For(new Position("general", seq, epoch), new ChannelExtent(1, head, first));

    [Fact]
    public void What_was_missed_follows() => Assert.Equal(new ResumedChannel("general", 8, 10), Plan(7, 10));

    [Fact]
    public void Nothing_missed_is_an_empty_range() => Assert.Equal(new ResumedChannel("general", 11, 10), Plan(10, 10));

    [Fact]
    public void What_retention_took_is_named_and_the_rest_follows()
    {
        var plan = Plan(3, 10, first: 6);
        Assert.Equal(new ResumedChannel("general", 4, 5, TooOld: true), plan);
        Assert.Equal(5, ResumePlan.StartAfter(plan));
    }

    [Theory]
    [InlineData(11, null)]
    [InlineData(5, 2L)]
    public void Numbers_that_mean_something_else_now_are_too_old(long seq, long? epoch)
    {
        var plan = Plan(seq, 10, epoch: epoch);
        Assert.Equal(new ResumedChannel("general", 1, 10, TooOld: true), plan);
        Assert.Equal(10, ResumePlan.StartAfter(plan));
    }
}
