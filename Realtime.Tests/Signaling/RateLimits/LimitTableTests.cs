using System.Reflection;
using Realtime.Signaling.Hubs;
using Realtime.Signaling.RateLimits;
using Xunit;

namespace Realtime.Tests.Signaling.RateLimits;

public class LimitTableTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static LimitOptions Defaults()
    {
        var options = new LimitOptions();
        options.Complete(cores: 2);
        return options;
    }

    /// <summary>The rows of design §4 that count calls.</summary>
    [Theory]
    [InlineData("sessions", 10, 60)]
    [InlineData("resumes", 1000, 1)]
    [InlineData("messages", 30, 60)]
    [InlineData("edits", 10, 60)]
    [InlineData("deletes", 5, 60)]
    [InlineData("directs", 20, 60)]
    [InlineData("typing", 10, 10)]
    [InlineData("presence", 5, 30)]
    [InlineData("voice", 20, 60)]
    [InlineData("channels", 50, 60)]
    [InlineData("kicks", 5, 300)]
    [InlineData("bans", 3, 300)]
    [InlineData("uploads", 1 << 30, 86_400)]
    public void Each_row_allows_so_much_at_once_and_as_much_again_per_window(string name, long permits, int seconds)
    {
        var limiter = new Limits(Defaults())[name];
        Assert.Equal((name, permits, TimeSpan.FromSeconds(seconds)), (limiter.Limit.Scope, limiter.Limit.Permits, limiter.Limit.Window));
        Assert.True(limiter.TryAdmit("u", Start, permits, out _));
        Assert.False(limiter.TryAdmit("u", Start, out var wait));
        Assert.True(limiter.TryAdmit("u", Start + wait, out _));
        Assert.True(limiter.TryAdmit("u", Start + (2 * limiter.Limit.Window), permits, out _));
    }

    [Fact]
    public void Negotiations_may_burst_to_thirty()
    {
        var limiter = new Limits(Defaults())[LimitName.Negotiations];
        Assert.True(limiter.TryAdmit("p", Start, 30, out _));
        Assert.False(limiter.TryAdmit("p", Start, out _));
        Assert.True(limiter.TryAdmit("p", Start.AddSeconds(1), 10, out _));
        Assert.False(limiter.TryAdmit("p", Start.AddSeconds(1), out _));
    }

    [Fact]
    public void Every_hub_method_says_what_it_costs()
    {
        var limits = new Limits(Defaults());
        foreach (var method in typeof(RealtimeHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(static method => !method.IsVirtual))
        {
            Assert.True(method.GetCustomAttribute<LimitedAttribute>() is not null, $"{method.Name} has no [Limited]");
            Assert.NotNull(limits[method.GetCustomAttribute<LimitedAttribute>()!.Limit]);
        }
    }

    [Fact]
    public void A_mistake_is_named_with_its_key_and_all_of_them_are()
    {
        var options = Defaults();
        Assert.Empty(options.Mistakes());
        options.MessagesPerMinute = 0;
        options.UploadBytesPerDay = -1;
        Assert.Equal(["Limits:MessagesPerMinute", "Limits:UploadBytesPerDay"], options.Mistakes().Select(static mistake => mistake.Split(' ')[0]));
    }

    [Fact]
    public void A_changed_limit_holds_from_then_on_and_forgets_nothing()
    {
        var limits = new Limits(Defaults());
        Assert.True(limits.Messages.TryAdmit("u", Start, 30, out _));
        var wider = Defaults();
        wider.MessagesPerMinute = 60;
        limits.Change(wider);
        Assert.False(limits.Messages.TryAdmit("u", Start, out _));
        Assert.True(limits.Messages.TryAdmit("other", Start, 60, out _));
        Assert.Equal(60, limits.Told["messages"].Permits);
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_and_what_is_charged_cannot()
    {
        var limiter = new Limits(Defaults()).Messages;
        Assert.True(limiter.TryAdmit("u", Start, 30, out _));
        limiter.Return("u", 1);
        Assert.True(limiter.TryAdmit("u", Start, out _));
        Assert.False(limiter.TryAdmit("u", Start, out _));
        Assert.True(limiter.TryAdmit("v", Start, 28, out _));
        Assert.False(limiter.Charge("v", Start, 5));
        Assert.False(limiter.TryAdmit("v", Start, out _));
    }

    [Theory]
    [InlineData(10, 1, 1000, 1)]
    [InlineData(8000, 1, 1000, 10)]
    [InlineData(8000, 4, 1000, 2.5)]
    [InlineData(8000, 0, 1000, 10)]
    public void Who_is_sent_away_comes_back_at_a_pace_the_others_can_bear(int connections, int survivors, int resumesPerSecond, double seconds)
    {
        var window = DrainSlots.Window(connections, survivors, resumesPerSecond);
        Assert.Equal(seconds, window.TotalSeconds, 3);
        var slots = Enumerable.Range(0, connections).Select(i => DrainSlots.Slot(i, connections, window)).ToList();
        Assert.Equal(connections, slots.Distinct().Count());
        Assert.True(slots[0] > TimeSpan.Zero && slots[^1] == window);
        Assert.True(slots.GroupBy(static slot => (int)slot.TotalSeconds).Max(static second => second.Count()) <= Math.Max(1, survivors) * resumesPerSecond);
    }
}
