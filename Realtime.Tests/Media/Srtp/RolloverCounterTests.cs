using FsCheck;
using FsCheck.Fluent;
using Realtime.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

public class RolloverCounterTests
{
    [Fact]
    public void Estimates_as_RFC_3711_appendix_A_does() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Arb.From(Gen.Choose(0, 5)), Arb.From(Gen.Choose(0, 65535)), Arb.From(Gen.Choose(0, 65535)), (roc, last, sequence) =>
        {
            var counter = default(RolloverCounter);
            counter.Accept(((long)roc << 16) | (uint)last);
            return counter.Estimate((ushort)sequence) == Reference(roc, last, sequence);
        }));

    [Fact]
    public void Follows_wraps_forwards_and_backwards()
    {
        var counter = default(RolloverCounter);
        counter.Accept(counter.Estimate(65_530));
        Assert.Equal(65_538, counter.Estimate(2));
        counter.Accept(65_538);
        Assert.Equal(65_535, counter.Estimate(65_535));
        counter.Accept(65_535);
        Assert.Equal(65_538, counter.Highest);
    }

    static long Reference(long roc, int last, int sequence)
    {
        var v = roc;
        if (last < 32_768) v = sequence - last > 32_768 ? roc - 1 : roc;
        else if (last - 32_768 > sequence) v = roc + 1;
        return (v * 65_536) + sequence;
    }
}
