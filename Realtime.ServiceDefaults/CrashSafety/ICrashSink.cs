using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// A further home for crash reports (signaling: Postgres). Called one report at a time, after the report is on disk, from a background loop;
/// a failure is retried with backoff, so storing must be idempotent by <see cref="CrashReport.Id"/>.
/// </summary>
public interface ICrashSink
{
    Task StoreAsync(CrashReport report, CancellationToken cancellation);
}
