namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Takes crash reports from the reporter's queue to the disk. What waits when the host stops is still written.</summary>
sealed class CrashReportWriter(Supervisor supervisor, CrashReporter reporter) : SupervisedService(supervisor, "crashReportWriter")
{
    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        await foreach (var report in reporter.WaitingForDisk.ReadAllAsync(stopping))
            reporter.Write(report);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (reporter.WaitingForDisk.TryRead(out var report))
            reporter.Write(report);
    }
}
