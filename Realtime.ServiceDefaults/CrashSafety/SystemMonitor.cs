using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Samples the process every 30 s, warns of what is beyond its limit and keeps the last sample for the console. Heap, collections and pool are metrics of <c>System.Runtime</c> already; lag is ours.</summary>
public sealed partial class SystemMonitor(Supervisor supervisor, IOptionsMonitor<SystemMonitorOptions> options, ILogger<SystemMonitor> log)
    : SupervisedTicker(supervisor, options.CurrentValue.Interval, "systemMonitor")
{
    SystemSample? _last;
    TimeSpan _gcPause = GC.GetTotalPauseDuration();
    long _sampled;

    protected override TimeSpan CurrentInterval => options.CurrentValue.Interval;

    protected override TimeSpan LongestInterval => SystemMonitorOptions.LongestInterval;

    /// <summary>Null before the first sample.</summary>
    public SystemSample? Last => Volatile.Read(ref _last);

    protected override async Task TickAsync(CancellationToken stopping)
    {
        var queued = Time.GetTimestamp();
        await Task.Yield();
        var lag = Time.GetElapsedTime(queued);

        var gcPause = GC.GetTotalPauseDuration();
        var elapsed = _sampled == 0 ? TimeSpan.Zero : Time.GetElapsedTime(_sampled);
        var sample = new SystemSample(
            Time.GetUtcNow(), Environment.WorkingSet, GC.GetTotalMemory(false), ThreadPool.PendingWorkItemCount, ThreadPool.ThreadCount,
            elapsed > TimeSpan.Zero ? Math.Clamp((gcPause - _gcPause) / elapsed, 0, 1) : 0, lag);
        _gcPause = gcPause;
        _sampled = Time.GetTimestamp();
        Volatile.Write(ref _last, sample);

        CrashSafetyMetrics.Lag.Record(lag.TotalSeconds);
        foreach (var limit in sample.Beyond(options.CurrentValue))
        {
            ActionLog.Record("systemMonitor", limit, sample.WorkingSet);
            CrashSafetyMetrics.SystemWarnings.Add(1, new KeyValuePair<string, object?>("limit", limit));
            LogBeyond(limit, sample.WorkingSet / (1024 * 1024), sample.ThreadPoolQueue, sample.ThreadPoolThreads, sample.GcPauseShare, sample.Lag.TotalMilliseconds);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Beyond the limit of {Limit}: working set {WorkingSetMb} MB, {Queue} queued on {Threads} pool threads, GC pause share {GcPause:0.00}, lag {LagMs:0} ms")]
    partial void LogBeyond(string limit, long workingSetMb, long queue, int threads, double gcPause, double lagMs);
}
