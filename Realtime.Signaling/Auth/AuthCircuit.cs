using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Auth;

/// <summary>
/// The circuit around what says who may come in: the stored keys, and the external issuer when there is one. The database being away is the database's own circuit, so
/// that its loss alone does not look like two.
/// </summary>
public sealed class AuthCircuit(CircuitRegistry circuits)
{
    public const string Name = "auth";

    public CircuitBreaker Circuit { get; } = circuits.Get(new CircuitBreakerOptions(Name) { IsFailure = static failure => failure is not RealtimeException });

    public bool IsAway => Circuit.State != CircuitState.Closed;
}
