using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>Every minute: what never ended, what no message refers to after a day, what was deleted with its message. A file that cannot be deleted is tried again.</summary>
public sealed partial class AttachmentSweeper(
    AttachmentSweepStore store, AttachmentFiles files, IOptionsMonitor<AttachmentOptions> options, Migrator migrator, Supervisor supervisor, ILogger<AttachmentSweeper> log)
    : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "attachments.sweeper")
{
    const int AtOnce = 500;

    /// <summary>No upload takes this long: the server cuts off slow ones.</summary>
    static readonly TimeSpan UnfinishedAfter = TimeSpan.FromHours(6);

    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        try
        {
            await SweepAsync(stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; there is time until the next minute.
            ActionLog.RecordVerbose(Name, "later");
        }
    }

    /// <returns>How many files went.</returns>
    internal async Task<int> SweepAsync(CancellationToken stopping)
    {
        var now = Time.GetUtcNow();
        await store.MarkAsync(now - UnfinishedAfter, now - options.CurrentValue.OrphanAfter, stopping);
        var gone = new List<string>();
        foreach (var id in await store.MarkedAsync(AtOnce, stopping))
        {
            if (TryDelete(id))
                gone.Add(id);
        }
        await store.ForgetAsync(gone, DateOnly.FromDateTime(now.UtcDateTime.AddDays(-2)), stopping);
        if (gone.Count > 0)
            ActionLog.Record(Name, "removed", gone.Count);
        return gone.Count;
    }

    bool TryDelete(string id)
    {
        try
        {
            files.Delete(id);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(failure);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An attachment could not be deleted; the next sweep tries again")]
    partial void LogNotDeleted(Exception failure);
}
