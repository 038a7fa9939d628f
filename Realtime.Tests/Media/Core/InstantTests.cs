using Realtime.Media.Core;
using Xunit;

namespace Realtime.Tests.Media.Core;

public class InstantTests
{
    [Fact]
    public void NeverIsAfterEverythingAndStays()
    {
        Assert.True(Instant.Never > Instant.FromMilliseconds(long.MaxValue / 2_000_000));
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromDays(1));
        Assert.Equal(Instant.Never, Instant.Never - TimeSpan.FromDays(1));
        Assert.Equal(Instant.Never, new Instant(long.MaxValue - 5) + TimeSpan.FromTicks(1));
        Assert.Equal(Instant.Zero, Instant.Min(Instant.Never, Instant.Zero));
    }

    [Fact]
    public void DifferencesAreSpans()
    {
        var start = Instant.FromMilliseconds(1000);
        var end = start + TimeSpan.FromMilliseconds(250);
        Assert.Equal(1250, end.Milliseconds);
        Assert.Equal(TimeSpan.FromMilliseconds(250), end - start);
        Assert.Equal(start, end - TimeSpan.FromMilliseconds(250));
    }
}
