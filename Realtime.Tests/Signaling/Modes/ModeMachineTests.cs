using Realtime.Signaling.Modes;
using Xunit;

namespace Realtime.Tests.Signaling.Modes;

public class ModeMachineTests
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    static readonly Outages RedisOut = new(Redis: true, Database: false, Media: false);

    /// <summary>Runs a machine for a while on a dependency that is out when <paramref name="isOut"/> says so.</summary>
    static int Changes(TimeSpan lasts, Func<TimeSpan, bool> isOut)
    {
        var machine = new ModeMachine();
        var changes = 0;
        for (var now = TimeSpan.Zero; now < lasts; now += Tick)
            changes += machine.Observe(isOut(now) ? RedisOut : default, now) ? 1 : 0;
        return changes;
    }

    [Fact]
    public void A_mode_is_entered_when_an_outage_lasts_and_left_when_being_well_lasts()
    {
        var machine = new ModeMachine();
        Assert.False(machine.Observe(RedisOut, TimeSpan.Zero));
        Assert.False(machine.Observe(RedisOut, TimeSpan.FromSeconds(0.9)));
        Assert.True(machine.Observe(RedisOut, TimeSpan.FromSeconds(1)));
        Assert.Equal("degraded", machine.State.Mode);
        Assert.False(machine.Observe(default, TimeSpan.FromSeconds(60)));
        Assert.True(machine.Observe(default, TimeSpan.FromSeconds(61)));
        Assert.Same("normal", machine.State.Mode);
    }

    [Fact]
    public void A_blink_is_no_outage() => Assert.Equal(0, Changes(TimeSpan.FromHours(1), static now => now.TotalSeconds % 10 < 0.75));

    /// <summary>Whatever the period of a dependency that comes and goes for an hour, people are told a few times, and not each time.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(5, 5)]
    [InlineData(2, 10)]
    [InlineData(10, 25)]
    public void A_dependency_that_oscillates_does_not_make_the_mode_flap(int outSeconds, int wellSeconds) =>
        Assert.InRange(Changes(TimeSpan.FromHours(1), now => now.TotalSeconds % (outSeconds + wellSeconds) < outSeconds), 1, 11);

    [Fact]
    public void After_a_steady_while_being_well_is_believed_as_quickly_as_before()
    {
        var outage = new SettledOutage();
        var now = TimeSpan.Zero;
        for (var i = 0; i < 10; i++)
        {
            outage.Settle(true, now += TimeSpan.FromSeconds(1));
            outage.Settle(false, now += TimeSpan.FromSeconds(1));
        }
        outage.Settle(true, now += TimeSpan.FromSeconds(1));
        Assert.True(outage.Observe(false, now += Tick));
        Assert.True(outage.Observe(false, now + TimeSpan.FromSeconds(29)));
        Assert.False(outage.Observe(false, now += SettledOutage.LeaveAfterAtMost));
        outage.Settle(true, now += SettledOutage.Remembered);
        Assert.True(outage.Observe(false, now));
        Assert.False(outage.Observe(false, now + SettledOutage.LeaveAfter));
    }

    [Fact]
    public void An_operators_look_believes_what_it_sees()
    {
        var machine = new ModeMachine();
        Assert.True(machine.Settle(RedisOut, TimeSpan.Zero));
        Assert.True(machine.Settle(default, TimeSpan.Zero));
        Assert.Equal("normal", machine.State.Mode);
    }

    /// <summary>Every row of design §5.</summary>
    [Theory]
    [InlineData(false, false, false, false, "normal", "")]
    [InlineData(true, false, false, false, "degraded", "presenceAcrossNodes,typingAcrossNodes")]
    [InlineData(false, true, false, false, "degraded", "administration,history,joiningCalls,messages")]
    [InlineData(false, false, true, false, "degraded", "joiningCalls")]
    [InlineData(false, false, false, true, "degraded", "newLogins")]
    [InlineData(true, false, true, false, "degraded", "joiningCalls,presenceAcrossNodes,typingAcrossNodes")]
    [InlineData(true, true, false, false, "emergency", "administration,history,joiningCalls,messages,newLogins,newSessions,presenceAcrossNodes,typingAcrossNodes")]
    [InlineData(true, false, false, true, "emergency", "newLogins,newSessions,presenceAcrossNodes,typingAcrossNodes")]
    [InlineData(false, true, false, true, "emergency", "administration,history,joiningCalls,messages,newLogins,newSessions")]
    [InlineData(false, false, true, true, "degraded", "joiningCalls,newLogins")]
    public void What_is_refused_follows_from_what_is_out(bool redis, bool database, bool media, bool auth, string mode, string refused)
    {
        var state = OperatingState.For(new Outages(redis, database, media, auth));
        Assert.Equal((mode, refused), (state.Mode, string.Join(',', state.Refused.Order())));
        Assert.Empty(state.Works.Intersect(state.Refused));
        Assert.Contains("resume", state.Works);
    }
}
