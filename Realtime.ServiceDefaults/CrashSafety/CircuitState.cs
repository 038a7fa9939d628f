namespace Realtime.ServiceDefaults.CrashSafety;

public enum CircuitState
{
    /// <summary>Calls pass.</summary>
    Closed,
    /// <summary>Calls are refused until the break is over.</summary>
    Open,
    /// <summary>A few test calls pass.</summary>
    HalfOpen,
}

/// <summary>Admission of one call: give it back with the verdict. A verdict from before the last change of state is counted but changes nothing.</summary>
public readonly record struct CircuitTicket(int Generation);

/// <summary>The circuit refused the call; nothing was done.</summary>
public sealed class CircuitOpenException(string circuit, TimeSpan retryAfter)
    : Exception($"The circuit '{circuit}' is open; the next test call is allowed in {Math.Ceiling(retryAfter.TotalSeconds)} s.")
{
    public string Circuit { get; } = circuit;
    public TimeSpan RetryAfter { get; } = retryAfter;
}
