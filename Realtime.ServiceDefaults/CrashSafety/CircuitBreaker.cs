using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Consecutive-failure breaker with a half-open quota. <see cref="TryEnter(out CircuitTicket)"/>, then exactly one of <see cref="Success"/>,
/// <see cref="Failure(CircuitTicket, Exception)"/>, <see cref="Timeout"/> or <see cref="Abandon"/>: no allocation, one short lock. Thread-safe.
/// </summary>
public sealed class CircuitBreaker
{
    readonly Lock _gate = new();
    readonly TimeProvider _time;
    readonly CircuitStatistics _statistics = new();

    CircuitState _state;
    int _generation;
    int _consecutiveFailures;
    int _testCalls;
    int _testSuccesses;
    long _lastTestCall;
    long _openedTimestamp;
    DateTimeOffset? _openedAt;

    public CircuitBreaker(CircuitBreakerOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
    }

    public CircuitBreaker(string name, TimeProvider time) : this(new CircuitBreakerOptions(name), time) { }

    public CircuitBreakerOptions Options { get; }
    public string Name => Options.Name;

    public CircuitState State
    {
        get
        {
            lock (_gate)
            {
                OpenNoLongerThanAllowed();
                return _state;
            }
        }
    }

    /// <summary>When a refused caller should come back; zero when calls may pass.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            lock (_gate)
                return Remaining();
        }
    }

    /// <summary>False: the call is refused (counted) and must not be made.</summary>
    public bool TryEnter(out CircuitTicket ticket)
    {
        lock (_gate)
        {
            if (_state != CircuitState.Closed && !MayTest())
            {
                _statistics.Rejected++;
                ticket = default;
                return false;
            }
            _statistics.Total++;
            ticket = new CircuitTicket(_generation);
            return true;
        }
    }

    public void Success(CircuitTicket ticket)
    {
        lock (_gate)
        {
            _statistics.Succeeded++;
            if (ticket.Generation != _generation)
                return;
            _consecutiveFailures = 0;
            if (_state != CircuitState.HalfOpen)
                return;
            _testCalls = Math.Max(0, _testCalls - 1);
            if (++_testSuccesses >= Options.SuccessesToClose)
                Change(CircuitState.Closed, "recovered");
        }
    }

    /// <summary>The dependency failed, unless <see cref="CircuitBreakerOptions.IsFailure"/> says that it answered.</summary>
    public void Failure(CircuitTicket ticket, Exception exception)
    {
        if (!Options.IsFailure(exception))
            Success(ticket);
        else if (exception is TimeoutException)
            Timeout(ticket);
        else
            Failure(ticket, exception.GetType().Name);
    }

    /// <param name="type">The error's name from code: one of few, for the counters.</param>
    public void Failure(CircuitTicket ticket, string type)
    {
        lock (_gate)
            Fail(ticket, type);
    }

    public void Timeout(CircuitTicket ticket)
    {
        lock (_gate)
        {
            _statistics.Timeouts++;
            Fail(ticket, "Timeout");
        }
    }

    /// <summary>The call was given up by its caller: no verdict; a test call's place is free again.</summary>
    public void Abandon(CircuitTicket ticket)
    {
        lock (_gate)
        {
            _statistics.Abandoned++;
            if (ticket.Generation == _generation && _state == CircuitState.HalfOpen)
                _testCalls = Math.Max(0, _testCalls - 1);
        }
    }

    /// <summary>Closes it by hand (<c>POST /admin/socket/recovery</c>).</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _consecutiveFailures = 0;
            if (_state != CircuitState.Closed)
                Change(CircuitState.Closed, "reset");
        }
    }

    /// <summary>Runs a call through the circuit, bounded by <see cref="CircuitBreakerOptions.CallTimeout"/> or <paramref name="timeout"/>.</summary>
    /// <exception cref="CircuitOpenException">Refused; the call was not made.</exception>
    /// <exception cref="TimeoutException">The call took too long; its token was cancelled.</exception>
    public async ValueTask<T> ExecuteAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellation, TimeSpan? timeout = null)
    {
        if (!TryEnter(out var ticket))
            throw new CircuitOpenException(Name, RetryAfter);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var deadline = new CancellationTokenSource(timeout ?? Options.CallTimeout, _time);
        using var link = deadline.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), bounded);
        try
        {
            var result = await call(bounded.Token);
            Success(ticket);
            return result;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Abandon(ticket);
            throw;
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
        {
            Timeout(ticket);
            throw new TimeoutException($"'{Name}' did not answer within {timeout ?? Options.CallTimeout}.", exception);
        }
        catch (Exception exception)
        {
            Failure(ticket, exception);
            throw;
        }
    }

    /// <inheritdoc cref="ExecuteAsync{T}"/>
    public async ValueTask ExecuteAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellation, TimeSpan? timeout = null) =>
        await ExecuteAsync(async token =>
        {
            await call(token);
            return true;
        }, cancellation, timeout);

    public CircuitInfo Snapshot()
    {
        lock (_gate)
        {
            OpenNoLongerThanAllowed();
            var remaining = Remaining();
            return _statistics.ToInfo(Name, _state, _openedAt, remaining > TimeSpan.Zero ? (int)Math.Ceiling(remaining.TotalMilliseconds) : null);
        }
    }

    bool MayTest()
    {
        var now = _time.GetTimestamp();
        if (_state == CircuitState.Open)
        {
            if (_time.GetElapsedTime(_openedTimestamp, now) < Options.OpenFor)
                return false;
            Change(CircuitState.HalfOpen, "testing");
        }
        // Test calls whose verdict never came (a caller that died) must not keep the circuit shut for ever.
        if (_testCalls >= Options.HalfOpenCalls && _time.GetElapsedTime(_lastTestCall, now) >= Options.CallTimeout * 3)
            _testCalls = 0;
        if (_testCalls >= Options.HalfOpenCalls)
            return false;
        _testCalls++;
        _lastTestCall = now;
        return true;
    }

    void Fail(CircuitTicket ticket, string type)
    {
        _statistics.CountFailure(type);
        if (ticket.Generation != _generation)
            return;
        _consecutiveFailures++;
        if (_state == CircuitState.HalfOpen || (_state == CircuitState.Closed && _consecutiveFailures >= Options.FailureThreshold))
        {
            _statistics.CountOpen(type);
            Change(CircuitState.Open, type);
        }
    }

    void OpenNoLongerThanAllowed()
    {
        if (_state == CircuitState.Open && _time.GetElapsedTime(_openedTimestamp) >= Options.OpenAtMost)
            Change(CircuitState.HalfOpen, "testing");
    }

    TimeSpan Remaining()
    {
        if (_state != CircuitState.Open)
            return TimeSpan.Zero;
        var remaining = Options.OpenFor - _time.GetElapsedTime(_openedTimestamp);
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    void Change(CircuitState state, string why)
    {
        _state = state;
        _generation++;
        _testCalls = 0;
        _testSuccesses = 0;
        if (state == CircuitState.Open)
        {
            _openedTimestamp = _time.GetTimestamp();
            _openedAt = _time.GetUtcNow();
        }
        else if (state == CircuitState.Closed)
        {
            _statistics.Closes++;
            _consecutiveFailures = 0;
            _openedAt = null;
        }
        _statistics.Changed(_time.GetUtcNow(), state, why);
        var name = CircuitStatistics.NameOf(state);
        ActionLog.Record("circuit", name, detail: Name);
        ActionLog.RecordVerbose("circuit", why, detail: Name);
        CrashSafetyMetrics.CircuitChanged(Name, name);
    }
}
