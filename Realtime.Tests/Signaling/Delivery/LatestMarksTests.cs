using Realtime.Signaling.Delivery;
using Xunit;

namespace Realtime.Tests.Signaling.Delivery;

public class LatestMarksTests
{
    [Fact]
    public void The_highest_per_user_and_channel_waits_for_its_turn()
    {
        var marks = new LatestMarks(10);
        foreach (var (channel, user, seq) in (ReadOnlySpan<(string, string, long)>)[("a", "ann", 5), ("a", "bob", 1), ("a", "ann", 3), ("b", "ann", 2), ("a", "ann", 7)])
            Assert.True(marks.TryAdd(channel, user, seq));
        Assert.Equal((7L, null), (marks.Find("a", "ann"), marks.Find("b", "bob")));
        List<(string?, string?, long)> taken = [];
        while (marks.TryTake(out var channel, out var user, out var seq))
            taken.Add((channel, user, seq));
        Assert.Equal([("a", "ann", 7), ("a", "bob", 1), ("b", "ann", 2)], taken);
        Assert.Equal(0, marks.Count);
    }

    [Fact]
    public void When_it_is_full_who_waits_goes_on_and_who_is_new_is_refused()
    {
        var marks = new LatestMarks(2);
        Assert.True(marks.TryAdd("a", "ann", 1));
        Assert.True(marks.TryAdd("a", "bob", 1));
        Assert.False(marks.TryAdd("a", "eve", 1));
        Assert.True(marks.TryAdd("a", "ann", 2));
        Assert.Equal(2, marks.Count);
    }
}
