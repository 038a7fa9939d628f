using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

[Collection("FaultPoint")] // the point is one per process
public class FaultInjectorTests
{
    readonly ManualTime _time = new();
    readonly FaultInjector _faults;

    public FaultInjectorTests() => _faults = new FaultInjector(_time, new Random(42));

    ValueTask Hit(string component = "media", string action = "receive", string? user = null, string? room = null) => _faults.HitAsync(component, action, user, room, default);

    [Fact]
    public async Task A_rule_strikes_where_and_whom_it_names()
    {
        Assert.Null(_faults.Add(new FaultRule("media", FaultKind.Throw, Action: "receive", User: "ann", Room: "r")));
        await Hit(user: "ann");
        await Hit(user: "bob", room: "r");
        await Hit(action: "send", user: "ann", room: "r");
        await Hit(component: "hub", user: "ann", room: "r");
        await Assert.ThrowsAsync<InjectedFaultException>(() => Hit(user: "ann", room: "r").AsTask());
        _faults.Clear();
        await Hit(user: "ann", room: "r");
    }

    [Fact]
    public async Task A_count_is_spent_and_a_refusal_is_its_own_error()
    {
        Assert.Null(_faults.Add(new FaultRule("media", FaultKind.Refuse, Count: 2)));
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<InjectedRefusalException>(() => Hit().AsTask());
        await Hit();
        Assert.Equal(2, Assert.Single(_faults.Rules).Hits);
        _faults.Clear();
    }

    [Fact]
    public async Task A_percentage_strikes_that_often()
    {
        Assert.Null(_faults.Add(new FaultRule("media", FaultKind.Throw, Percent: 25)));
        var struck = 0;
        for (var i = 0; i < 4000; i++)
        {
            try
            {
                await Hit();
            }
            catch (InjectedFaultException)
            {
                struck++;
            }
        }
        Assert.InRange(struck, 900, 1100);
        _faults.Clear();
    }

    [Fact]
    public async Task A_delay_is_awaited()
    {
        Assert.Null(_faults.Add(new FaultRule("media", FaultKind.Delay, DelayMs: 500)));
        var held = Hit().AsTask();
        Assert.Equal(TimeSpan.FromMilliseconds(500), await _time.WaitForTimerAsync());
        Assert.False(held.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await held.WaitAsync(ManualTime.Patience);
        _faults.Clear();
    }

    [Fact]
    public void Rules_that_make_no_sense_are_refused_and_their_number_is_bounded()
    {
        Assert.NotNull(_faults.Add(new FaultRule("", FaultKind.Throw)));
        Assert.NotNull(_faults.Add(new FaultRule("c", FaultKind.Throw, Percent: 101)));
        Assert.NotNull(_faults.Add(new FaultRule("c", FaultKind.Throw, Count: 0)));
        Assert.NotNull(_faults.Add(new FaultRule("c", FaultKind.Delay)));
        Assert.NotNull(_faults.Add(new FaultRule("c", FaultKind.Delay, DelayMs: 60_000)));
        Assert.NotNull(_faults.Add(new FaultRule("c", FaultKind.Throw, DelayMs: 5)));
        Assert.Equal(FaultInjector.MaxRules, Enumerable.Range(0, 100).Count(i => _faults.Add(new FaultRule($"c{i}", FaultKind.Throw)) is null));
        _faults.Clear();
    }
}
