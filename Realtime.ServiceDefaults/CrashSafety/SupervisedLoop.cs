using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Keeps one loop running: an exception is reported and counted, then the loop starts again after 1 s, doubled to at most 30 s, ± 20 %.</summary>
sealed partial class SupervisedLoop(CrashReporter reporter, Readiness readiness, TimeProvider time, Random random, ILogger log)
{
    public static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(30);

    /// <summary>A loop that ran this long is well again: its next backoff is the first.</summary>
    static readonly TimeSpan WellAgain = TimeSpan.FromMinutes(1);

    /// <summary>Ends when <paramref name="stopping"/> is cancelled or the loop returns by itself.</summary>
    public async Task RunAsync(GuardedContext context, Func<CancellationToken, Task> loop, CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await loop(stopping);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failures = time.GetElapsedTime(started) >= WellAgain ? 1 : failures + 1;
                var incident = reporter.Report(exception, context, CrashKind.Loop).Incident;
                readiness.RecordLoopRestart();
                CrashSafetyMetrics.LoopRestarted(context.Component);
                var pause = Backoff(failures);
                LogRestarting(exception, context.Component, incident, pause);
                try
                {
                    await Task.Delay(pause, time, stopping);
                }
                catch (OperationCanceledException) when (stopping.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    TimeSpan Backoff(int failures)
    {
        var doubled = FirstBackoff * Math.Pow(2, Math.Min(failures - 1, 10));
        double jitter;
        lock (random)
            jitter = 0.8 + (0.4 * random.NextDouble());
        return (doubled < MaxBackoff ? doubled : MaxBackoff) * jitter;
    }

    [LoggerMessage(1, LogLevel.Error, "Loop {Loop} failed, incident {Incident}; it starts again in {Pause}")]
    partial void LogRestarting(Exception exception, string loop, string incident, TimeSpan pause);
}
