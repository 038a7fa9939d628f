using Realtime.Signaling.People;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Signaling.People;

public class RecentUserEventsTests
{
    [Fact]
    public void A_session_that_comes_back_gets_what_it_may_have_missed_and_not_what_it_hears_itself()
    {
        var time = new ManualTime();
        var recent = new RecentUserEvents(time);
        var events = Enumerable.Range(0, 4).Select(i => UserEvent.Of(i == 1 ? "bob" : "ann", "friend", new { i })).ToList();
        foreach (var one in events)
        {
            recent.Add(one);
            time.Advance(TimeSpan.FromSeconds(10));
        }
        Assert.Equal([events[2], events[3]], recent.Of("ann", time.GetUtcNow()));
        Assert.Equal([events[2]], recent.Of("ann", time.GetUtcNow() - TimeSpan.FromSeconds(10)));
        Assert.Empty(recent.Of("cat", time.GetUtcNow()));
        time.Advance(TimeSpan.FromSeconds(31));
        recent.Add(events[0]);
        Assert.Equal(1, recent.Count);
        Assert.Empty(recent.Of("bob", time.GetUtcNow()));
    }

    [Fact]
    public void It_does_not_grow_without_bound()
    {
        var recent = new RecentUserEvents(new ManualTime());
        for (var i = 0; i < RecentUserEvents.MaxEvents + 10; i++)
            recent.Add(UserEvent.Of($"u{i % 7}", "friend", new { }));
        Assert.Equal(RecentUserEvents.MaxEvents, recent.Count);
    }
}
