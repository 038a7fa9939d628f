using Xunit;

namespace Realtime.Tests.Chaos;

public sealed class ChaosOptionsTests
{
    [Fact]
    public void Reads() =>
        Assert.True(ChaosOptions.TryParse(["--runs", "20", "--seconds", "60", "--seed", "5"], out var options, out _) && options == new ChaosOptions(20, 60, 5, null));

    [Theory]
    [InlineData("redis-off", 60)]
    [InlineData("postgres-off", 30)]
    public void AScenarioHasATimeOfItsOwn(string scenario, int seconds) =>
        Assert.True(ChaosOptions.TryParse(["--scenario", scenario], out var options, out _) && options.Seconds == seconds && options.Scenario == scenario);

    [Theory]
    [InlineData("--runs")]
    [InlineData("--runs", "0")]
    [InlineData("--seed", "-1")]
    [InlineData("--scenario", "sun-off")]
    [InlineData("--faster")]
    public void RefusesWhatItDoesNotKnow(params string[] arguments)
    {
        Assert.False(ChaosOptions.TryParse(arguments, out _, out var error));
        Assert.NotEmpty(error);
    }
}
