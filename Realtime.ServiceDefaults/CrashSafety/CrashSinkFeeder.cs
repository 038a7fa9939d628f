using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Hands written reports to the registered <see cref="ICrashSink"/>s, one at a time. A sink that fails (Postgres is down) is tried again with backoff
/// while the queue keeps the newest reports; the files on disk keep all. Sinks are resolved late: they may need the kit themselves.
/// </summary>
sealed partial class CrashSinkFeeder(Supervisor supervisor, CrashReporter reporter, IServiceProvider services, ILogger<CrashSinkFeeder> log)
    : SupervisedService(supervisor, "crashSinkFeeder")
{
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var sinks = services.GetServices<ICrashSink>().ToArray();
        await foreach (var report in reporter.WaitingForSinks.ReadAllAsync(stopping))
        {
            foreach (var sink in sinks)
                await StoreAsync(sink, report, stopping);
        }
    }

    async Task StoreAsync(ICrashSink sink, CrashReport report, CancellationToken stopping)
    {
        for (var pause = SupervisedLoop.FirstBackoff; ; pause = pause * 2 < SupervisedLoop.MaxBackoff ? pause * 2 : SupervisedLoop.MaxBackoff)
        {
            try
            {
                using var deadline = new CancellationTokenSource(CallTimeout, Time);
                using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token);
                await sink.StoreAsync(report, bounded.Token);
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // Not reported: a report about a report that cannot be stored would go the same way.
                CrashSafetyMetrics.SinkFailures.Add(1);
                LogNotStored(exception.GetType().Name, sink.GetType().Name, report.Id, pause);
            }
            await Task.Delay(pause, Time, stopping);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Exception}: {Sink} did not take crash report {Incident}; next attempt in {Pause}")]
    partial void LogNotStored(string exception, string sink, string incident, TimeSpan pause);
}
