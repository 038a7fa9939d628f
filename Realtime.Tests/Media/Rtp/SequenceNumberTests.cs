using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public class SequenceNumberTests
{
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0, 65535, 1)]
    [InlineData(65535, 0, -1)]
    [InlineData(32767, 0, 32767)]
    [InlineData(32769, 0, -32767)]
    public void DistanceGoesTheShortWay(int a, int b, int distance)
    {
        var left = new SequenceNumber((ushort)a);
        var right = new SequenceNumber((ushort)b);
        Assert.Equal(distance, left.DistanceFrom(right));
        Assert.Equal(distance > 0, left.IsNewerThan(right));
        Assert.Equal(left, right + distance);
        Assert.Equal(right, left - distance);
    }

    [Fact]
    public void UnwrapsAcrossManyWrapsWithReordering()
    {
        const ulong Seed = 4711;
        var entropy = new Entropy(Seed);
        var unwrapper = default(SequenceUnwrapper);
        const long Start = 65536 + 65000;
        Assert.Equal(Start, unwrapper.Unwrap(new SequenceNumber(65000)));
        var highest = Start;
        for (var i = 0; i < 20_000; i++)
        {
            var truth = Math.Max(Start, highest + entropy.NextInt32(2000) - 900);
            Assert.Equal(truth, unwrapper.Peek(new SequenceNumber((ushort)truth)));
            Assert.Equal(truth, unwrapper.Unwrap(new SequenceNumber((ushort)truth)));
            highest = Math.Max(highest, truth);
            Assert.Equal(highest, unwrapper.Highest);
        }

        Assert.True(highest > 10 * 65536, $"seed {Seed}");
    }

    [Fact]
    public void PacketsFromBeforeTheFirstStayPositive()
    {
        var unwrapper = default(SequenceUnwrapper);
        Assert.Equal(65536, unwrapper.Unwrap(new SequenceNumber(0)));
        Assert.Equal(65535, unwrapper.Unwrap(new SequenceNumber(65535)));
        Assert.Equal(65536, unwrapper.Highest);
    }

    [Fact]
    public void TimestampsWrap()
    {
        var before = new RtpTimestamp(uint.MaxValue - 10);
        var after = before + 3000;
        Assert.True(after.IsNewerThan(before));
        Assert.Equal(3000, after.DistanceFrom(before));
        Assert.Equal(before, after - 3000);
    }

    [Fact]
    public void AbsSendTimeIsSixPointEighteen()
    {
        Assert.Equal(0u, AbsSendTime.At(Instant.Zero).Value);
        Assert.Equal(1u << 18, AbsSendTime.At(Instant.FromMilliseconds(1000)).Value);
        Assert.Equal(1u << 17, AbsSendTime.At(Instant.FromMilliseconds(64_500)).Value);
        Assert.Equal(0xFF_FFFFu, AbsSendTime.At(new Instant(63_999_999_999)).Value);
    }
}
