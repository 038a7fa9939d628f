using Xunit;

namespace Realtime.Tests.Soak;

public class SoakOptionsTests
{
    [Fact]
    public void They_are_read()
    {
        Assert.True(SoakOptions.TryParse(["--minutes", "0.5", "--rate", "7", "--seed", "3"], out var options, out _));
        Assert.Equal(new SoakOptions(0.5, 7, 3), options);
        Assert.True(SoakOptions.TryParse([], out options, out _));
        Assert.Equal((30.0, 5), (options.Minutes, options.Rate));
    }

    [Theory]
    [InlineData("--minutes")]
    [InlineData("--minutes", "0")]
    [InlineData("--rate", "x")]
    [InlineData("--people", "3")]
    public void Anything_else_is_refused(params string[] arguments)
    {
        Assert.False(SoakOptions.TryParse(arguments, out _, out var error));
        Assert.Contains(arguments[0], error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_has_a_footprint()
    {
        var own = await Footprint.OfAsync(Environment.ProcessId, TestContext.Current.CancellationToken);
        Assert.True(own is { Memory: > 1000, NativeHeap: > 100, Handles: > 5, Threads: > 2 }, own.ToString());
        Assert.True(own.NativeHeap < own.Memory, own.ToString());
    }
}
