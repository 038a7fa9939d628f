using Realtime.Tests.Chaos;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>Random faults while clients talk, at production's limits; <c>./realtime chaos</c> does the same for longer and to more.</summary>
public sealed class ChaosRuns(RunningApp app) : EndToEndTest(app)
{
    /// <summary>The suite is to say the same of the same code; seeds nobody chose are the command's.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(77)]
    public async Task NothingIsLostDoubledReorderedOrSeenByOthers(int seed)
    {
        var outcome = await new ChaosRun(App, null, new ChaosRunOptions(seed, TimeSpan.FromSeconds(20))).RunAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {outcome.Figures}");
        Assert.True(outcome.Violations.Count == 0, $"seed {seed}:\n{string.Join('\n', outcome.Violations.Take(20))}\nfaults:\n{string.Join('\n', outcome.Faults)}");
    }
}
