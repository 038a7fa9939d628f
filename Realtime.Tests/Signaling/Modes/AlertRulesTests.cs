using Realtime.Signaling.Modes;
using Xunit;

namespace Realtime.Tests.Signaling.Modes;

public class AlertRulesTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly AlertRules _rules = new();
    int _minute;

    IReadOnlyList<Alert> Minute(long opens = 0, long failures = 0, long relaysFailed = 0, long relaysWorked = 0) => _rules.Take(
        new AlertSample(new Dictionary<string, long> { ["redis"] = opens }, new Dictionary<string, long> { ["redis/Timeout"] = failures }, relaysFailed, relaysWorked),
        Start.AddMinutes(_minute++));

    [Fact]
    public void The_sixth_opening_within_an_hour_is_told_once_and_forgotten_with_time()
    {
        Assert.Empty(Minute());
        Assert.Empty(Minute(opens: 5));
        Assert.Equal(("circuitFlapping", "redis"), (Assert.Single(Minute(opens: 6)).Name, _rules.Raised[0].Subject));
        Assert.Empty(Minute(opens: 6));
        Assert.Single(_rules.Raised);
        for (var i = 0; i < 60; i++)
            Minute(opens: 6);
        Assert.Empty(_rules.Raised);
    }

    [Fact]
    public void An_error_that_spikes_is_told_and_one_that_is_always_there_is_not()
    {
        long failures = 0;
        for (var i = 0; i < 30; i++)
            Assert.Empty(Minute(failures: failures += 5));
        Assert.Equal("errorSpike", Assert.Single(Minute(failures: failures += 30)).Name);
    }

    [Fact]
    public void More_than_a_tenth_of_relays_failing_is_told_when_there_are_enough_to_say_so()
    {
        Minute();
        Assert.Empty(Minute(relaysFailed: 10));
        Assert.Empty(Minute(relaysFailed: 10, relaysWorked: 90));
        Assert.Equal("turnFailing", Assert.Single(Minute(relaysFailed: 20, relaysWorked: 91)).Name);
    }
}
