using Xunit;

namespace Realtime.Tests.Chaos;

public sealed class FaultPlanTests
{
    static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void OneSeedIsOnePlan()
    {
        Assert.Equal(FaultPlan.Of(7, s_minute, true), FaultPlan.Of(7, s_minute, true));
        Assert.NotEqual(FaultPlan.Of(7, s_minute, true), FaultPlan.Of(8, s_minute, true));
    }

    [Fact]
    public void EveryFaultEndsInTime_AndAllKindsCome()
    {
        var plans = Enumerable.Range(0, 50).SelectMany(seed => FaultPlan.Of(seed, s_minute, true)).ToList();
        Assert.All(plans, fault => Assert.InRange(fault.At + fault.Lasts, TimeSpan.Zero, s_minute));
        Assert.Equal(Enum.GetValues<FaultType>().Order(), plans.Select(fault => fault.Type).Distinct().Order());
    }

    [Fact]
    public void WithoutProxiesBetweenNothingIsAskedOfThem() =>
        Assert.DoesNotContain(Enumerable.Range(0, 50).SelectMany(seed => FaultPlan.Of(seed, s_minute, false)), fault => fault.Type is FaultType.RedisLink or FaultType.PostgresLink);
}
