namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>The numbers of one circuit. Defaults: design §4, row "circuit (redis, database, auth, …)".</summary>
public sealed record CircuitBreakerOptions(string Name)
{
    /// <summary>Consecutive failures that open it.</summary>
    public int FailureThreshold { get; init; } = 5;

    /// <summary>From opening to the first test call.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without a test call it does not stay open longer than this: it goes half-open by itself.</summary>
    public TimeSpan OpenAtMost { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Test calls in flight at once while half-open.</summary>
    public int HalfOpenCalls { get; init; } = 3;

    /// <summary>Successes in half-open that close it.</summary>
    public int SuccessesToClose { get; init; } = 3;

    /// <summary>Bound of a call through <c>ExecuteAsync</c> (media control: 1 s). Also: a test call without an answer for this long, three times over, is taken for lost.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Which exceptions are the dependency's fault. Others (a unique violation, a 404) count as success: it answered.</summary>
    public Func<Exception, bool> IsFailure { get; init; } = static _ => true;
}
