using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// Finds the culprit and no other: a connection that faults, breaks the protocol or floods again and again is closed and told why; a user whose connections are closed so
/// again and again is kept out for a time. Addresses are never held to account for it: many people share one.
/// </summary>
public sealed class ConductWatch(LimitOptions options, Limits limits, Quarantines quarantines, TimeProvider time)
{
    /// <summary>After this a closed connection may be opened again.</summary>
    static readonly TimeSpan ComeBackAfter = TimeSpan.FromMinutes(1);

    readonly FaultSpread _spread = new();
    long _closed;

    /// <summary>Connections closed for misconduct since the start, for metrics.</summary>
    public long Closed => Volatile.Read(ref _closed);

    /// <summary>A call threw. When many users' calls do, it is our fault and nobody's in particular.</summary>
    public void Fault(HubConnection connection, string incident)
    {
        var now = time.GetUtcNow();
        if (!_spread.Record(connection.Token.User, now) && connection.Conduct.Exceeds(Misconduct.Fault, options, now))
            Close(connection, CloseCode.Quarantined, "calls that fail again and again", incident);
    }

    /// <summary>A call was unknown or could not be read.</summary>
    public void Violation(HubConnection connection)
    {
        if (connection.Conduct.Exceeds(Misconduct.Violation, options, time.GetUtcNow()))
            Close(connection, CloseCode.BadProtocol, "calls that cannot be read, again and again");
    }

    /// <summary>A call was beyond a limit.</summary>
    public void Refused(HubConnection connection)
    {
        if (connection.Conduct.Exceeds(Misconduct.Flood, options, time.GetUtcNow()))
            Close(connection, CloseCode.Quarantined, "calls beyond the limits, again and again");
    }

    /// <summary>What came is not the protocol at all, or larger than anything in it.</summary>
    public void Broke(HubConnection connection) => Close(connection, CloseCode.BadProtocol, "not the hub's protocol");

    /// <summary>More messages or bytes than any client sends.</summary>
    public void Flooded(HubConnection connection) => Close(connection, CloseCode.Quarantined, "a flood of messages");

    void Close(HubConnection connection, CloseCode code, string reason, string? incident = null)
    {
        if (connection.Lanes.IsClosed)
            return;
        var token = connection.Token;
        Interlocked.Increment(ref _closed);
        ActionLog.Record("conduct", code == CloseCode.BadProtocol ? "badProtocol" : "quarantined", token.User, detail: reason);
        connection.Lanes.Close(code, ComeBackAfter, incident);
        // An operator who is shut out could not lift it.
        if (!limits[LimitName.Closings].TryAdmit(token.User, time.GetUtcNow(), out _) && !token.Grants.AllowsAdmin())
            quarantines.Add(QuarantineKind.User, token.User, reason, incident);
    }
}
