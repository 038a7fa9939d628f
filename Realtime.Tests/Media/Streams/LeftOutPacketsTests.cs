using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class LeftOutPacketsTests
{
    [Fact]
    public void What_is_left_out_leaves_no_gap_and_what_is_lost_does()
    {
        var rewriter = new SequenceRewriter(new SequenceNumber(100));
        Assert.Equal(100, Map(ref rewriter, 10));
        LeaveOut(ref rewriter, 11);
        LeaveOut(ref rewriter, 12);
        Assert.Equal(101, Map(ref rewriter, 13));
        // 14 is missing, 15 left out.
        LeaveOut(ref rewriter, 15);
        Assert.Equal(103, Map(ref rewriter, 16));
        Assert.Equal(2, rewriter.PicturesLeftOut);
        // It was only late.
        Assert.Equal(102, Map(ref rewriter, 14));
        Assert.Equal(1, rewriter.PicturesLeftOut);
        // A copy of one that was left out has no number of its own.
        Assert.False(rewriter.TryMap(new SequenceNumber(12), out _));
        Assert.False(rewriter.TryMap(new SequenceNumber(15), out _));
        Assert.True(rewriter.TryInvert(new SequenceNumber(103), out var newest, out var leftOut) && (newest.Value, leftOut) == (16, 2));
        Assert.True(rewriter.TryInvert(new SequenceNumber(102), out var late, out leftOut) && (late.Value, leftOut) == (14, 1));
        Assert.True(rewriter.TryInvert(new SequenceNumber(100), out var first, out leftOut) && (first.Value, leftOut) == (10, 0));
    }

    /// <summary>Whatever is lost, late, twice or left out: no number is given twice, their order is the source's, and each leads back to its packet.</summary>
    [Fact]
    public void No_number_is_given_twice()
    {
        const ulong Seed = 77;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var random = new Entropy(Seed);
        for (var run = 0; run < 200; run++)
        {
            var rewriter = new SequenceRewriter(new SequenceNumber(random.NextUInt16()));
            var given = new Dictionary<ushort, ushort>();
            var start = random.NextUInt16();
            for (var i = 0; i < 300; i++)
            {
                var number = (ushort)(start + i);
                var dice = random.NextUInt32() % 100;
                // Layers are known by the number: a packet that comes once more is in the same one.
                if (dice < 10) continue;
                Arrive(number);
                if (dice < 20) Arrive((ushort)(number - (random.NextUInt32() % 40)));
            }

            void Arrive(ushort number)
            {
                if (number % 7 > 3 && number != start)
                {
                    if (rewriter.IsAhead(new SequenceNumber(number))) rewriter.LeaveOut(new SequenceNumber(number), true);
                    return;
                }

                if (!rewriter.TryMap(new SequenceNumber(number), out var mapped)) return;
                Assert.True(given.TryAdd(mapped.Value, number) || given[mapped.Value] == number);
                Assert.True(rewriter.TryInvert(mapped, out var back, out _));
                Assert.Equal(number, back.Value);
            }
        }
    }

    static int Map(ref SequenceRewriter rewriter, ushort sequence)
    {
        Assert.True(rewriter.TryMap(new SequenceNumber(sequence), out var mapped));
        return mapped.Value;
    }

    static void LeaveOut(ref SequenceRewriter rewriter, ushort sequence)
    {
        Assert.True(rewriter.IsAhead(new SequenceNumber(sequence)));
        rewriter.LeaveOut(new SequenceNumber(sequence), beginsPicture: sequence != 12);
    }
}
