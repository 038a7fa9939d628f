using Polly;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class CircuitBreakerTests
{
    readonly ManualTime _time = new();
    readonly CircuitBreaker _circuit;

    public CircuitBreakerTests() => _circuit = new CircuitBreaker("redis", _time);

    CircuitTicket Enter()
    {
        Assert.True(_circuit.TryEnter(out var ticket));
        return ticket;
    }

    void Fail(int times)
    {
        for (var i = 0; i < times; i++)
            _circuit.Failure(Enter(), new IOException());
    }

    void Open()
    {
        Fail(5);
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public void Opens_after_five_failures_in_a_row_and_a_success_starts_the_count_anew()
    {
        Fail(4);
        _circuit.Success(Enter());
        Fail(4);
        Assert.Equal(CircuitState.Closed, _circuit.State);
        Fail(1);
        Assert.Equal(CircuitState.Open, _circuit.State);
        Assert.False(_circuit.TryEnter(out _));
        Assert.Equal(TimeSpan.FromSeconds(30), _circuit.RetryAfter);
    }

    [Fact]
    public void After_thirty_seconds_three_test_calls_pass_and_three_successes_close_it()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.False(_circuit.TryEnter(out _));
        _time.Advance(TimeSpan.FromTicks(1));
        var tests = new[] { Enter(), Enter(), Enter() };
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        Assert.False(_circuit.TryEnter(out _));
        _circuit.Success(tests[0]);
        _circuit.Success(tests[1]);
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        _circuit.Success(tests[2]);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Its_last_changes_are_told_with_their_reasons()
    {
        Assert.Null(_circuit.Snapshot().History);
        Open();
        _time.Advance(TimeSpan.FromSeconds(30));
        _circuit.Success(Enter());
        _circuit.Reset();
        var history = _circuit.Snapshot().History!;
        Assert.Equal(["open", "halfOpen", "closed"], history.Select(static change => change.State));
        Assert.Equal(["testing", "reset"], history.Skip(1).Select(static change => change.Why));
        Assert.Equal(TimeSpan.FromSeconds(30), history[1].At - history[0].At);
        for (var i = 0; i < 10; i++)
        {
            Open();
            _circuit.Reset();
        }
        Assert.Equal(8, _circuit.Snapshot().History!.Count);
    }

    [Fact]
    public void One_failed_test_call_opens_it_for_another_thirty_seconds()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(30));
        var (first, second) = (Enter(), Enter());
        _circuit.Failure(first, new IOException());
        Assert.Equal(CircuitState.Open, _circuit.State);
        _circuit.Success(second);
        Assert.Equal(CircuitState.Open, _circuit.State);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_circuit.TryEnter(out _));
    }

    [Fact]
    public void Without_a_test_call_it_is_open_for_sixty_seconds_at_most()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(CircuitState.Open, _circuit.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
    }

    [Fact]
    public void Verdicts_of_calls_from_before_a_change_change_nothing()
    {
        var late = Enter();
        var alsoLate = Enter();
        Open();
        _time.Advance(TimeSpan.FromSeconds(30));
        var test = Enter();
        _circuit.Failure(late, new IOException());
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        _circuit.Success(alsoLate);
        _circuit.Success(test);
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
    }

    [Fact]
    public void A_test_call_given_up_frees_its_place_and_a_lost_one_does_after_thrice_its_timeout()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(30));
        _circuit.Abandon(Enter());
        _ = (Enter(), Enter(), Enter());
        Assert.False(_circuit.TryEnter(out _));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_circuit.TryEnter(out _));
    }

    [Fact]
    public void Counts_by_error_type_and_resets_by_hand()
    {
        Fail(4);
        _circuit.Timeout(Enter());
        Assert.False(_circuit.TryEnter(out _));
        var info = _circuit.Snapshot();
        Assert.Equal(("redis", "open", 5L, 0L, 5L, 1L, 1L, 1L), (info.Name, info.State, info.Total, info.Succeeded, info.Failed, info.Rejected, info.Opens, info.Timeouts));
        Assert.Equal(4, info.FailuresByType["IOException"]);
        Assert.Equal(1, info.OpensByType["Timeout"]);
        Assert.Equal((_time.GetUtcNow(), 30_000), (info.OpenedAt, info.RetryAfterMs));
        _circuit.Reset();
        info = _circuit.Snapshot();
        Assert.Equal(("closed", 1L, null, null), (info.State, info.Closes, info.OpenedAt, info.RetryAfterMs));
        Fail(4);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Error_types_are_bounded()
    {
        var circuit = new CircuitBreaker(new CircuitBreakerOptions("many") { FailureThreshold = int.MaxValue }, _time);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(circuit.TryEnter(out var ticket));
            circuit.Failure(ticket, $"type {i}");
        }
        var types = circuit.Snapshot().FailuresByType;
        Assert.Equal(33, types.Count);
        Assert.Equal(100, types.Values.Sum());
    }

    [Fact]
    public void Errors_that_are_answers_count_as_success()
    {
        var circuit = new CircuitBreaker(new CircuitBreakerOptions("database") { IsFailure = static exception => exception is IOException }, _time);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(circuit.TryEnter(out var ticket));
            circuit.Failure(ticket, new ArgumentException());
        }
        Assert.Equal((CircuitState.Closed, 20L), (circuit.State, circuit.Snapshot().Succeeded));
    }

    [Fact]
    public void Entering_and_leaving_allocates_nothing()
    {
        _circuit.Success(Enter());
        Assert.True(_circuit.TryEnter(out _));
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                _circuit.TryEnter(out var ticket);
                _circuit.Success(ticket);
                _circuit.TryEnter(out ticket);
                _circuit.Abandon(ticket);
            }
        }));
    }

    [Fact]
    public async Task Execute_bounds_the_call_and_refuses_while_open()
    {
        for (var i = 0; i < 5; i++)
        {
            var call = _circuit.ExecuteAsync(async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return 1;
            }, default).AsTask();
            await _time.WaitForTimerAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
            await Assert.ThrowsAsync<TimeoutException>(() => call);
        }
        var refusal = await Assert.ThrowsAsync<CircuitOpenException>(() => _circuit.ExecuteAsync(_ => ValueTask.FromResult(1), default).AsTask());
        Assert.Equal(("redis", TimeSpan.FromSeconds(30)), (refusal.Circuit, refusal.RetryAfter));
        Assert.Equal(5, _circuit.Snapshot().Timeouts);
        _circuit.Reset();
        Assert.Equal(2, await _circuit.ExecuteAsync(_ => ValueTask.FromResult(2), default));
    }

    [Fact]
    public async Task The_callers_cancellation_is_no_verdict()
    {
        using var cancelled = new CancellationTokenSource();
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _circuit.ExecuteAsync(async token =>
            {
                await cancelled.CancelAsync();
                token.ThrowIfCancellationRequested();
                return 1;
            }, cancelled.Token).AsTask());
        }
        Assert.Equal((CircuitState.Closed, 0L), (_circuit.State, _circuit.Snapshot().Failed));
    }

    [Fact]
    public async Task As_a_Polly_strategy_it_sees_what_the_pipeline_inside_it_answers()
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = _time }.AddCircuit(_circuit).AddTimeout(TimeSpan.FromSeconds(1)).Build();
        for (var i = 0; i < 4; i++)
            await Assert.ThrowsAsync<IOException>(() => pipeline.ExecuteAsync(static _ => throw new IOException()).AsTask());
        var slow = pipeline.ExecuteAsync(static async token => await Task.Delay(Timeout.Infinite, token)).AsTask();
        await _time.WaitForTimerAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<Polly.Timeout.TimeoutRejectedException>(() => slow);
        Assert.Equal((1L, 4L), (_circuit.Snapshot().Timeouts, _circuit.Snapshot().FailuresByType["IOException"]));
        await Assert.ThrowsAsync<CircuitOpenException>(() => pipeline.ExecuteAsync(static _ => ValueTask.CompletedTask).AsTask());
    }

    [Fact]
    public void The_registry_hands_out_one_circuit_per_name_and_is_bounded()
    {
        var registry = new CircuitRegistry(_time);
        Assert.Same(registry.Get("a"), registry.Get(new CircuitBreakerOptions("a") { FailureThreshold = 1 }));
        for (var i = 0; i < CircuitRegistry.MaxCircuits + 10; i++)
            Assert.True(registry.Get($"circuit {i}").TryEnter(out _));
        Assert.Equal(CircuitRegistry.MaxCircuits, registry.Snapshot().Count);
        Assert.True(registry.Reset("a"));
        Assert.False(registry.Reset("unknown"));
        registry.Remove("a");
        Assert.False(registry.Reset("a"));
    }
}
