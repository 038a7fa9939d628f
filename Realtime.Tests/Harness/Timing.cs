using Xunit;

namespace Realtime.Tests.Harness;

/// <summary>
/// Wall-clock claims. They are always written to the test's output, and asserted only when asked for with REALTIME_TIMING=1, on a
/// machine that has nothing else to do; elsewhere a test fails for what went wrong, not for how long it took.
/// </summary>
public static class Timing
{
    public static void Claim(string what, TimeSpan measured, TimeSpan most)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {measured.TotalMilliseconds:f0} ms (at most {most.TotalMilliseconds:f0} ms)");
        if (Environment.GetEnvironmentVariable("REALTIME_TIMING") == "1")
            Assert.True(measured <= most, what);
    }
}
