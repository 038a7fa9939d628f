using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.People;
using Xunit;

namespace Realtime.Tests.Signaling.People;

public class SweeperTests
{
    /// <summary>A ticker's tick that throws is reported and the next comes at its time (SupervisedServiceTests): so whatever sweeps has to be one.</summary>
    [Fact]
    public void Everything_that_sweeps_is_a_supervised_ticker()
    {
        var sweepers = typeof(VoiceSweeper).Assembly.GetTypes().Where(static type => type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Sweeper", StringComparison.Ordinal)).ToList();
        Assert.Contains(typeof(TypingSweeper), sweepers);
        Assert.Contains(typeof(PresenceSweeper), sweepers);
        Assert.All(sweepers, static type => Assert.True(type.IsAssignableTo(typeof(SupervisedTicker)), type.Name));
    }
}
