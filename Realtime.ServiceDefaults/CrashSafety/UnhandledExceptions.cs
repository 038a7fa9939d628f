using Microsoft.Extensions.Hosting;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>While the host runs, exceptions nobody caught and task failures nobody looked at become crash reports.</summary>
sealed class UnhandledExceptions(CrashReporter reporter, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActionLog.UseTime(time);
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        return Task.CompletedTask;
    }

    void OnUnhandled(object sender, UnhandledExceptionEventArgs args)
    {
        if (args.ExceptionObject is Exception exception)
            reporter.Report(exception, new GuardedContext("process", "unhandled"), CrashKind.Unhandled);
    }

    void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs args)
    {
        reporter.Report(args.Exception, new GuardedContext("process", "unobserved"), CrashKind.Unobserved);
        args.SetObserved();
    }
}
