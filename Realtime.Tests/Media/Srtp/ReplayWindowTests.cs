using FsCheck;
using FsCheck.Fluent;
using Realtime.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

public class ReplayWindowTests
{
    /// <summary>Steps forwards, backwards and far away, as a network and an attacker make them.</summary>
    static readonly Arbitrary<int[]> Steps = Arb.From(Gen.ArrayOf(Gen.Frequency(
        (20, Gen.Choose(-3, 4)), (5, Gen.Choose(-200, 200)), (2, Gen.Choose(-1100, 1100)), (1, Gen.Choose(-5000, 70_000)))));

    [Fact]
    public void Every_index_is_accepted_once_unless_it_is_too_old() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Steps, steps =>
    {
        var window = new ReplayWindow();
        var seen = new HashSet<long>();
        long at = 100, highest = -1;
        foreach (var step in steps)
        {
            at = Math.Max(0, at + step);
            var expected = at > highest || (highest - at < ReplayWindow.Size && !seen.Contains(at));
            if (window.IsFresh(at) != expected) return false;
            if (!expected) continue;
            window.Accept(at);
            seen.Add(at);
            highest = Math.Max(highest, at);
        }

        return true;
    }));

    [Fact]
    public void Asking_changes_nothing()
    {
        var window = new ReplayWindow();
        window.Accept(10);
        for (var i = 0; i < 3; i++) Assert.True(window.IsFresh(1_000_000));
        Assert.True(window.IsFresh(9));
        Assert.False(window.IsFresh(10));
    }

    [Fact]
    public void Works_at_the_end_of_a_keys_life()
    {
        var window = new ReplayWindow();
        window.Accept(RolloverCounter.MaxIndex - 1);
        Assert.True(window.IsFresh(RolloverCounter.MaxIndex));
        Assert.False(window.IsFresh(-1));
    }
}
