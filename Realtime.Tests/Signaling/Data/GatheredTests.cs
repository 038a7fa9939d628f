using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class GatheredTests
{
    readonly List<IReadOnlyList<int>> _runs = [];
    readonly SemaphoreSlim _gate = new(0);
    Func<IReadOnlyList<int>, Exception?> _failure = static _ => null;

    [Fact]
    public async Task Who_is_alone_is_asked_for_at_once()
    {
        _gate.Release();
        Assert.Equal(20, await Of(10).AskAsync(10));
        Assert.Equal([[10]], _runs);
    }

    [Fact]
    public async Task Who_comes_meanwhile_is_in_the_next_at_most_so_many_at_a_time()
    {
        var gathered = Of(3);
        var asked = Enumerable.Range(0, 6).Select(gathered.AskAsync).ToList();
        _gate.Release(3);
        var answers = await Task.WhenAll(asked);
        Assert.Equal([0, 2, 4, 6, 8, 10], answers);
        Assert.Equal([[0], [1, 2, 3], [4, 5]], _runs);
        // Nothing is under way any more: the next goes at once.
        _gate.Release();
        Assert.Equal(14, await gathered.AskAsync(7));
    }

    [Fact]
    public async Task What_is_wrong_with_one_is_nothing_to_the_others()
    {
        var gathered = Of(3);
        _failure = static asks => asks.Contains(2) ? new FormatException() : null;
        var asked = Enumerable.Range(0, 4).Select(gathered.AskAsync).ToList();
        _gate.Release(20);
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(asked));
        Assert.Equal([true, true, false, true], asked.Select(static one => one.IsCompletedSuccessfully));
        Assert.IsType<FormatException>(asked[2].Exception?.InnerException);
    }

    [Fact]
    public async Task With_the_database_away_nobody_asks_alone()
    {
        var gathered = Of(3);
        _failure = static _ => new RealtimeException(new(ErrorCode.Unavailable, "away"));
        var asked = Enumerable.Range(0, 4).Select(gathered.AskAsync).ToList();
        _gate.Release(20);
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(asked));
        Assert.All(asked, static one => Assert.Equal(ErrorCode.Unavailable, Assert.IsType<RealtimeException>(one.Exception?.InnerException).Error.Code));
        Assert.Equal([[0], [1, 2, 3]], _runs);
    }

    [Fact]
    public async Task Who_finds_no_room_is_refused()
    {
        var gathered = Of(3, room: 2);
        var asked = Enumerable.Range(0, 3).Select(gathered.AskAsync).ToList();
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => gathered.AskAsync(3));
        Assert.Equal(ErrorCode.Unavailable, refused.Error.Code);
        Assert.NotNull(refused.Error.RetryAfterMs);
        _gate.Release(2);
        var answers = await Task.WhenAll(asked);
        Assert.Equal([0, 2, 4], answers);
    }

    Gathered<int, int> Of(int most, int room = 100) => new(async asks =>
    {
        _runs.Add(asks);
        await _gate.WaitAsync();
        return _failure(asks) is { } failure ? throw failure : [.. asks.Select(static ask => ask * 2)];
    }, most, room);
}
