using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class NackListTests
{
    static Instant At(long ms) => Instant.FromMilliseconds(1000 + ms);

    [Fact]
    public void A_gap_is_asked_for_after_the_tolerance_and_again_each_round_trip()
    {
        var list = new NackList();
        Assert.True(list.TryAdvance(At(0), new SequenceNumber(65_534)));
        Assert.True(list.TryAdvance(At(0), new SequenceNumber(2)));
        Assert.Equal(At(10), list.NextDeadline);
        Assert.Empty(Due(list, 9));
        Assert.Equal([65_535, 0, 1], Due(list, 10));
        Assert.Empty(Due(list, 100));
        // A quarter more than the round trip assumed at first.
        Assert.Equal([65_535, 0, 1], Due(list, 10 + 125));
        Assert.Equal(6, list.Asked);
    }

    [Fact]
    public void What_comes_late_is_not_asked_for_and_what_comes_twice_is_a_copy()
    {
        var list = new NackList();
        foreach (var number in new ushort[] { 1, 4 }) Assert.True(list.TryAdvance(At(0), new SequenceNumber(number)));
        Assert.True(list.TryResolve(At(5), new SequenceNumber(3)));
        Assert.False(list.TryResolve(At(5), new SequenceNumber(3)));
        Assert.False(list.TryAdvance(At(5), new SequenceNumber(3)));
        Assert.Equal([2], Due(list, 10));
        Assert.True(list.TryResolve(At(40), new SequenceNumber(2)));
        Assert.Equal(TimeSpan.FromMilliseconds(30), list.RoundTrip);
        Assert.True(list.NextDeadline.IsNever);
        Assert.False(list.TakeLoss());
    }

    [Fact]
    public void Age_and_tries_end_the_asking_and_tell_of_the_loss()
    {
        var list = new NackList();
        foreach (var number in new ushort[] { 1, 3 }) list.TryAdvance(At(0), new SequenceNumber(number));
        var asked = 0;
        for (var ms = 0; ms < 2000; ms += 5) asked += Due(list, ms).Length;
        Assert.InRange(asked, 3, NackList.MaxTries);
        Assert.Equal(1, list.GivenUp);
        Assert.Equal(0, list.Count);
        Assert.True(list.TakeLoss());
        Assert.False(list.TakeLoss());
        Assert.False(list.TryResolve(At(2000), new SequenceNumber(2)));
    }

    [Fact]
    public void A_gap_that_does_not_fit_is_given_up_at_once()
    {
        var list = new NackList();
        list.TryAdvance(At(0), new SequenceNumber(1));
        list.TryAdvance(At(0), new SequenceNumber(3));
        Assert.True(list.TryAdvance(At(1), new SequenceNumber(3 + NackList.MaxMissing + 1)));
        Assert.Equal(0, list.Count);
        Assert.Equal(1 + NackList.MaxMissing, list.GivenUp);
        Assert.True(list.TakeLoss());
        Assert.True(list.NextDeadline.IsNever);
    }

    /// <summary>Against a set of numbers: every packet is accepted exactly once, by whichever way it comes, as long as it is waited for.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Agrees_with_a_set_over_wraps_losses_reordering_and_copies(ulong seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var entropy = new Entropy(seed);
        var list = new NackList();
        var accepted = new HashSet<long>();
        long next = 65_000;
        for (var i = 0; i < 40_000; i++)
        {
            next += entropy.NextInt32(20) == 0 ? 1 + entropy.NextInt32(5) : 1;
            // Mostly the next packet, sometimes one of the last fifty, which may be missing or a copy.
            var number = entropy.NextInt32(4) > 0 ? next : next - 1 - entropy.NextInt32(50);
            var now = At(i);
            var sequence = new SequenceNumber((ushort)number);
            var isTaken = list.TryResolve(now, sequence) || list.TryAdvance(now, sequence);
            if (isTaken) Assert.True(accepted.Add(number), $"{number} taken twice");
            if (number == next) Assert.True(isTaken);
            var due = new SequenceNumber[NackList.MaxMissing];
            var count = list.TakeDue(now, due);
            for (var k = 1; k < count; k++) Assert.True(due[k].IsNewerThan(due[k - 1]));
            foreach (var asked in due.AsSpan(0, count)) Assert.DoesNotContain(next + asked.DistanceFrom(new SequenceNumber((ushort)next)), accepted);
        }
    }

    static int[] Due(NackList list, long ms)
    {
        var due = new SequenceNumber[NackList.MaxMissing];
        return [.. due.Take(list.TakeDue(At(ms), due)).Select(number => (int)number.Value)];
    }
}
