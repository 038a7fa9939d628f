using Realtime.Contracts;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>Who may begin or go on with a session at this moment: limits, the operating mode, and whether this replica is about to stop.</summary>
public sealed class Admission(LimitGate gate, ResumeLine resumes, ModeMonitor mode, Readiness readiness)
{
    /// <summary>Whom an emergency keeps out comes back within this range, each at a moment of their own.</summary>
    static readonly (int Least, int Most) EmergencyRetryMs = (5_000, 30_000);

    long _refused;

    /// <summary>Refused by the mode or the drain since the start, for metrics.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Before a Hello is answered. A connection that is refused for longer than a moment is told so and closed.</summary>
    /// <param name="returning">With a valid resume token: charged to the node alone, let in whatever the mode, and at the node's pace (<see cref="ResumeLine"/>).</param>
    public async ValueTask AdmitAsync(HubConnection connection, bool returning, CancellationToken cancellation)
    {
        var refusal = readiness.Draining ? Leaving() : returning ? null : Refusal();
        if (refusal is not null)
        {
            var after = TimeSpan.FromMilliseconds(refusal.Error.RetryAfterMs ?? 0);
            connection.Lanes.AfterCompletion(() => connection.Lanes.Close(CloseCode.Overloaded, after));
            throw refusal;
        }
        if (returning)
            await resumes.EnterAsync(cancellation);
        else
            await gate.AdmitAsync(LimitName.Sessions, connection.ClientKey);
    }

    /// <summary>Before a connection is upgraded: nobody begins where everybody leaves.</summary>
    public RealtimeException? RefuseUpgrade() => readiness.Draining ? Leaving() : null;

    /// <summary>Sessions over HTTP (WHIP, WHEP).</summary>
    public void CheckNewSession()
    {
        if (readiness.Draining)
            throw Leaving();
        if (Refusal() is { } refusal)
            throw refusal;
    }

    /// <summary>Issuing tokens.</summary>
    public void CheckNewLogin()
    {
        if (Refusal() is { } refusal)
            throw refusal;
        if (mode.State.Refused.Contains("newLogins"))
            throw Count(new(new(ErrorCode.Degraded, "Nobody can sign in at the moment; who is in stays in.", RetryAfterMs: Later(), Scope: mode.State.Mode)));
    }

    RealtimeException? Refusal() => mode.State.IsEmergency
        ? Count(new(new(ErrorCode.Degraded, "Emergency mode: only those who were here are let in.", RetryAfterMs: Later(), Scope: mode.State.Mode)))
        : null;

    RealtimeException Leaving() => Count(new(new(ErrorCode.Unavailable, "This replica is about to stop.", RetryAfterMs: Random.Shared.Next(200, 2000))));

    RealtimeException Count(RealtimeException refusal)
    {
        Interlocked.Increment(ref _refused);
        return refusal;
    }

    static int Later() => Random.Shared.Next(EmergencyRetryMs.Least, EmergencyRetryMs.Most);
}
