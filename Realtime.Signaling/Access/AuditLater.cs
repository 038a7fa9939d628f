using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Access;

/// <summary>
/// Records what operators did outside Postgres (a circuit reset, a node drained): such levers must work while Postgres is away too, so then the record waits here and on this replica's
/// disk (<see cref="AuditJournal"/>). Up to <see cref="MaxWaiting"/> wait; with more, the operation is refused before it is done.
/// </summary>
public sealed partial class AuditLater(AuditLog log, AuditJournal journal, Migrator migrator, Supervisor supervisor, ILogger<AuditLater> logger)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "access.audit")
{
    public const int MaxWaiting = 1000;

    const int RetryAfterMs = 1000;

    readonly Lock _gate = new();
    readonly ConcurrentQueue<AuditRecord> _waiting = new();
    bool _read;

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
            Keep(record);
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        TakeUp();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task TickAsync(CancellationToken stopping)
    {
        if (_waiting.IsEmpty || !migrator.Done.IsCompleted)
            return;
        try
        {
            while (_waiting.TryPeek(out var next))
            {
                await log.RecordAsync(next, stopping);
                _waiting.TryDequeue(out _);
            }
            lock (_gate)
            {
                if (_waiting.IsEmpty)
                    journal.Clear();
            }
        }
        catch (RealtimeException)
        {
            // Still away.
            ActionLog.RecordVerbose(Name, "away");
        }
    }

    void Keep(AuditRecord record)
    {
        lock (_gate)
        {
            _waiting.Enqueue(record);
            try
            {
                journal.Append(record);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotKept(exception);
            }
        }
    }

    /// <summary>What the run before could not record any more.</summary>
    void TakeUp()
    {
        lock (_gate)
        {
            if (_read)
                return;
            _read = true;
            try
            {
                foreach (var record in journal.Read())
                    _waiting.Enqueue(record);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotRead(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An audit record waits in memory alone: the disk does not take it")]
    partial void LogNotKept(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit records that the run before left behind cannot be read")]
    partial void LogNotRead(Exception exception);
}
