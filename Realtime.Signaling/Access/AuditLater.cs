using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Access;

/// <summary>
/// Records what operators did outside Postgres (a circuit reset, a node drained): such levers must work while Postgres is away too, so then the record waits here. Up to
/// <see cref="MaxWaiting"/> wait; with more, the operation is refused before it is done.
/// </summary>
public sealed class AuditLater(AuditLog log, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "access.audit")
{
    public const int MaxWaiting = 1000;

    const int RetryAfterMs = 1000;

    readonly ConcurrentQueue<AuditRecord> _waiting = new();

    /// <exception cref="RealtimeException"><c>unavailable</c>: too much waits to be recorded.</exception>
    public void CheckRoom()
    {
        if (_waiting.Count >= MaxWaiting)
            throw new RealtimeException(new(ErrorCode.Unavailable, "Too much waits to be recorded.", RetryAfterMs: RetryAfterMs));
    }

    public async Task RecordAsync(AuditRecord record)
    {
        try
        {
            await log.RecordAsync(record, CancellationToken.None);
        }
        catch (RealtimeException)
        {
            _waiting.Enqueue(record);
        }
    }

    protected override async Task TickAsync(CancellationToken stopping)
    {
        try
        {
            while (_waiting.TryPeek(out var next))
            {
                await log.RecordAsync(next, stopping);
                _waiting.TryDequeue(out _);
            }
        }
        catch (RealtimeException)
        {
            // Still away.
            ActionLog.RecordVerbose(Name, "away");
        }
    }
}
