using Realtime.Signaling.RateLimits;
using Xunit;

namespace Realtime.Tests.Signaling.RateLimits;

public class ConductTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly LimitOptions Options = new();

    [Theory]
    [InlineData(Misconduct.Fault, 5)]
    [InlineData(Misconduct.Violation, 30)]
    [InlineData(Misconduct.Flood, 60)]
    public void Each_kind_has_its_measure_and_time_heals(Misconduct what, int most)
    {
        var conduct = new Conduct();
        for (var i = 0; i < most; i++)
            Assert.False(conduct.Exceeds(what, Options, Start));
        Assert.True(conduct.Exceeds(what, Options, Start));
        foreach (var other in Enum.GetValues<Misconduct>().Where(other => other != what))
            Assert.False(conduct.Exceeds(other, Options, Start));
        Assert.False(conduct.Exceeds(what, Options, Start.AddMinutes(1)));
    }

    [Fact]
    public void When_many_users_calls_throw_it_is_nobodys_own_doing()
    {
        var spread = new FaultSpread();
        for (var i = 0; i < 100; i++)
            Assert.False(spread.Record("one", Start));
        for (var i = 0; i < FaultSpread.Systemic - 2; i++)
            Assert.False(spread.Record($"u{i}", Start));
        Assert.True(spread.Record("another", Start));
        Assert.True(spread.Record("one", Start));
        Assert.False(spread.Record("one", Start + FaultSpread.Window + TimeSpan.FromSeconds(1)));
    }
}
