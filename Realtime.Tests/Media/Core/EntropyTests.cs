using Realtime.Media.Core;
using Xunit;

namespace Realtime.Tests.Media.Core;

public class EntropyTests
{
    [Fact]
    public void OneSeedGivesOneSequenceHoweverItIsTaken()
    {
        var whole = new byte[100];
        new Entropy(5).Fill(whole);
        var pieces = new byte[100];
        var entropy = new Entropy(5);
        for (int at = 0, size = 1; at < pieces.Length; at += size, size++) entropy.Fill(pieces.AsSpan(at, Math.Min(size, pieces.Length - at)));
        Assert.Equal(whole, pieces);

        var other = new byte[100];
        new Entropy(6).Fill(other);
        Assert.NotEqual(whole, other);
    }

    [Fact]
    public void NumbersStayInRange()
    {
        var entropy = new Entropy(7);
        for (var i = 0; i < 1000; i++)
        {
            Assert.InRange(entropy.NextInt32(3), 0, 2);
            Assert.InRange(entropy.NextDouble(), 0, 1);
        }
    }
}
