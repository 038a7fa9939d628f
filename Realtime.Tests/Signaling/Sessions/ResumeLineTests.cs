using Realtime.Contracts;
using Realtime.Signaling.Errors;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Signaling.Sessions;

public sealed class ResumeLineTests
{
    const int PerSecond = 10;

    static readonly LimitOptions Options = new() { ResumesPerSecond = PerSecond };
    static readonly int Places = (int)(PerSecond * ResumeLine.Longest.TotalSeconds);

    readonly ManualTime _time = new();

    [Fact]
    public async Task Who_comes_when_the_bucket_is_empty_waits_for_their_turn_in_order()
    {
        using var line = new ResumeLine(new Limits(Options), _time);
        var entered = Enumerable.Range(0, PerSecond + 3).Select(_ => line.EnterAsync(default).AsTask()).ToList();
        await Task.WhenAll(entered.Take(PerSecond));
        Assert.Equal(3, line.Waiting);
        for (var i = 0; i < 3; i++)
        {
            Assert.False(entered[PerSecond + i].IsCompleted);
            _time.Advance(await _time.WaitForTimerAsync());
            await entered[PerSecond + i].WaitAsync(ManualTime.Patience);
        }
        Assert.Equal(0, line.Waiting);
    }

    [Fact]
    public async Task Who_would_wait_too_long_is_refused_and_told_when_to_come_back()
    {
        using var line = new ResumeLine(new Limits(Options), _time);
        for (var i = 0; i < PerSecond; i++)
            await line.EnterAsync(default);
        using var gone = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, Places).Select(_ => line.EnterAsync(gone.Token).AsTask()).ToList();
        var refused = await Assert.ThrowsAsync<RealtimeException>(async () => await line.EnterAsync(default));
        Assert.Equal((ErrorCode.RateLimited, LimitName.Resumes), (refused.Error.Code, refused.Error.Scope));
        Assert.InRange(refused.Error.RetryAfterMs ?? 0, ResumeLine.Longest.TotalMilliseconds / 2, ResumeLine.Longest.TotalMilliseconds * 2);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        Assert.Equal(0, line.Waiting);
    }
}
