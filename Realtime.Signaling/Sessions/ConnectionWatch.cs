using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// Looks over all connections every second: those that never said Hello, whose token ended, was revoked or lost its key, whose user is kept out, that say nothing any more,
/// and readers that are too slow.
/// </summary>
public sealed class ConnectionWatch(
    HubConnections connections, Revocations revocations, Quarantines quarantines, KeyRing keys, AuthCircuit auth, Database database, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "sessions.watch")
{
    protected override Task TickAsync(CancellationToken stopping)
    {
        var now = Time.GetUtcNow();
        var grace = database.Circuit.State == CircuitState.Closed && !auth.IsAway ? TimeSpan.Zero : SessionRules.ExpiryGrace;
        foreach (var connection in connections.All)
        {
            var lanes = connection.Lanes;
            if (lanes.SlowFor > SessionRules.SlowAtMost || lanes.ClosingFor > SessionRules.FarewellAtMost)
                lanes.Abort(CloseCode.Slow);
            else if (revocations.IsRevoked(connection.Token) || (connection.Token.Key is { } key && keys.Secrets(key) is null))
                lanes.Close(CloseCode.Revoked, TimeSpan.Zero);
            else if (quarantines.Find(QuarantineKind.User, connection.Token.User) is { } kept)
                lanes.Close(CloseCode.Quarantined, kept.Until - now, kept.Incident);
            else if (now >= connection.Token.Expires + grace)
                lanes.Close(CloseCode.Expired, TimeSpan.Zero);
            else if (connection.Session is null && now - connection.ConnectedAt > SessionRules.HelloWithin)
                lanes.Close(CloseCode.BadProtocol, TimeSpan.Zero);
            else if (connection.Incoming?.SilentFor > SessionRules.SilentAtMost)
                lanes.Close(CloseCode.NoPong, TimeSpan.Zero);
        }
        return Task.CompletedTask;
    }
}
