using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Realtime.Signaling.RateLimits;
using Xunit;

namespace Realtime.Tests.Signaling.RateLimits;

public class GcraTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly RateLimit ThirtyAMinute = new("messages", 30, TimeSpan.FromMinutes(1));

    [Fact]
    public void A_whole_window_may_come_at_once_and_then_one_by_one()
    {
        var limiter = new RateLimiter(ThirtyAMinute);
        for (var i = 0; i < 30; i++)
            Assert.True(limiter.TryAdmit("user", Start, out _));
        Assert.False(limiter.TryAdmit("user", Start, out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(2), retryAfter);
        Assert.True(limiter.TryAdmit("other", Start, out _));
        Assert.True(limiter.TryAdmit("user", Start + retryAfter, out _));
        Assert.False(limiter.TryAdmit("user", Start + retryAfter, out _));
    }

    [Fact]
    public void A_burst_may_be_larger_than_the_rate()
    {
        var limiter = new RateLimiter(new RateLimit("negotiations", 10, TimeSpan.FromSeconds(1), 30));
        Assert.Equal(30, Enumerable.Range(0, 100).Count(_ => limiter.TryAdmit("peer", Start, out var _)));
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => limiter.TryAdmit("peer", Start.AddSeconds(1), out var _)));
    }

    /// <summary>Whatever the pattern of calls: within any stretch of time no more pass than the burst and what came back meanwhile, and who waits as told passes.</summary>
    [Fact]
    public void No_pattern_of_calls_beats_the_limit() => Check.One(
        Config.QuickThrowOnFailure, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), steps =>
        {
            var limiter = new RateLimiter(ThirtyAMinute);
            var now = Start;
            var passed = new List<DateTimeOffset>();
            foreach (var step in steps)
            {
                now += TimeSpan.FromMilliseconds(step * 10);
                if (limiter.TryAdmit("user", now, out var retryAfter))
                    passed.Add(now);
                else if (!limiter.TryAdmit("user", now += retryAfter, out _))
                    return false;
                else
                    passed.Add(now);
            }
            for (var i = 0; i < passed.Count; i++)
            {
                for (var j = i; j < passed.Count; j++)
                {
                    if (j - i + 1 > 30 + ((passed[j] - passed[i]).TotalSeconds / 2) + 1e-6)
                        return false;
                }
            }
            return true;
        }));

    [Fact]
    public void Keys_at_rest_are_dropped_and_others_kept()
    {
        var limiter = new RateLimiter(ThirtyAMinute);
        for (var i = 0; i < 30; i++)
            limiter.TryAdmit("busy", Start, out _);
        limiter.TryAdmit("idle", Start, out _);
        Assert.Equal(1, limiter.Sweep(Start.AddSeconds(10)));
        Assert.False(limiter.TryAdmit("busy", Start, out _));
    }

    [Fact]
    public void A_flood_of_keys_is_refused_and_forgets_nobody()
    {
        var limiter = new RateLimiter(ThirtyAMinute);
        for (var i = 0; i < 30; i++)
            limiter.TryAdmit("known", Start, out _);
        for (var i = 0; i < RateLimiter.MaxKeys + 10; i++)
            limiter.TryAdmit($"k{i}", Start, out _);
        Assert.Equal(RateLimiter.MaxKeys, limiter.Keys);
        Assert.False(limiter.TryAdmit("new", Start, out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(1), retryAfter);
        Assert.False(limiter.TryAdmit("known", Start, out _));
        Assert.True(limiter.TryAdmit("new", Start.AddSeconds(3), out _));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void An_address_counts_as_itself_or_as_its_64(string address, string key) => Assert.Equal(key, ClientKey.Of(IPAddress.Parse(address)));
}
