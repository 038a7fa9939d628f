namespace Realtime.ServiceDefaults.Faults;

/// <summary>What goes wrong on purpose, where and for whom. Everything left out matches everything.</summary>
/// <param name="Percent">Of matching hits; 100 when left out.</param>
/// <param name="Count">So many times, then the rule is spent; no limit when left out.</param>
/// <param name="DelayMs">For <see cref="FaultKind.Delay"/>: at most <see cref="FaultInjector.MaxDelayMs"/>.</param>
public sealed record FaultRule(
    string Component,
    FaultKind Kind,
    string? Action = null,
    string? User = null,
    string? Room = null,
    double? Percent = null,
    int? Count = null,
    int? DelayMs = null);

public enum FaultKind
{
    /// <summary>Throws <see cref="InjectedFaultException"/>, as a bug would.</summary>
    Throw,
    /// <summary>Holds the caller up.</summary>
    Delay,
    /// <summary>Throws <see cref="InjectedRefusalException"/>, as a dependency that says no would.</summary>
    Refuse,
    /// <summary>Ends the process at once, as <c>kill -9</c> would.</summary>
    Kill,
}

/// <summary>A bug on purpose.</summary>
public sealed class InjectedFaultException(string component, string action) : Exception($"Fault injected in {component}/{action}.");

/// <summary>A refusal on purpose; edges answer it with <c>unavailable</c>.</summary>
public sealed class InjectedRefusalException(string component, string action) : Exception($"Refusal injected in {component}/{action}.");
