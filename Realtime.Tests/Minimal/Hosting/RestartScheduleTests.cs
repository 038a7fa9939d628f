using Aspire.Hosting.Runner;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

public sealed class RestartScheduleTests
{
    [Fact]
    public void PausesDoubleUpTo30Seconds_AndBeginAnewAfterAMinuteOfLife()
    {
        var backoff = new Backoff();
        var pauses = Enumerable.Range(0, 7).Select(_ => backoff.Next(TimeSpan.FromSeconds(1)).TotalSeconds);
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], pauses);
        Assert.Equal(1, backoff.Next(TimeSpan.FromSeconds(60)).TotalSeconds);
        Assert.Equal(2, backoff.Next(TimeSpan.FromSeconds(59)).TotalSeconds);
    }

    [Fact]
    public void HealthIsAskedOftenAtFirst_ThenEverySecondUpToFive_AndRarelyWhileHealthy()
    {
        var schedule = new HealthSchedule();
        Assert.Equal(0.25, schedule.Next(healthy: false, TimeSpan.Zero).TotalSeconds);
        Assert.Equal([1, 2, 3, 4, 5, 5], Enumerable.Range(0, 6).Select(_ => schedule.Next(false, TimeSpan.FromSeconds(20)).TotalSeconds));
        Assert.Equal(30, schedule.Next(true, TimeSpan.Zero).TotalSeconds);
        Assert.Equal(1, schedule.Next(false, TimeSpan.Zero).TotalSeconds);
    }
}
