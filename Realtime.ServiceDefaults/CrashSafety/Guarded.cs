using Microsoft.Extensions.Logging;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// The fault boundary for the edges (hub methods, requests, packets, timers, deliveries): work runs, and an exception becomes a logged,
/// counted, reported failure with an incident id instead of travelling on. Cancellation asked for by the caller's own token is no
/// failure and is thrown on; any other <see cref="OperationCanceledException"/> (a timeout) is a failure like others.
/// </summary>
public sealed partial class Guarded(CrashReporter reporter, ILogger<Guarded> log)
{
    public GuardedOutcome Run(in GuardedContext context, Action work)
    {
        try
        {
            work();
            return default;
        }
        catch (Exception exception)
        {
            return new(Fail(context, exception), exception);
        }
    }

    /// <summary>For hot paths: a static lambda and its state, so that nothing is captured.</summary>
    public GuardedOutcome Run<TState>(in GuardedContext context, TState state, Action<TState> work)
    {
        try
        {
            work(state);
            return default;
        }
        catch (Exception exception)
        {
            return new(Fail(context, exception), exception);
        }
    }

    public GuardedOutcome<T> Run<T>(in GuardedContext context, Func<T> work)
    {
        try
        {
            return new(work(), null, null);
        }
        catch (Exception exception)
        {
            return new(default, Fail(context, exception), exception);
        }
    }

    public async Task<GuardedOutcome> RunAsync(GuardedContext context, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        try
        {
            await work(cancellation);
            return default;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            return new(Fail(context, exception), exception);
        }
    }

    public async Task<GuardedOutcome<T>> RunAsync<T>(GuardedContext context, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return new(await work(cancellation), null, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            return new(default, Fail(context, exception), exception);
        }
    }

    /// <summary>For a boundary that has its own catch (a hub filter, an exception handler): files the exception and returns the incident id.</summary>
    public string Fail(in GuardedContext context, Exception exception)
    {
        var receipt = reporter.Report(exception, context);
        CrashSafetyMetrics.Failed(context.Component, context.Action);
        // The stack is in the report; a flood of one fault costs one line each here, not one stack each.
        if (receipt.IsNew)
            LogFailed(exception, context.Component, context.Action, receipt.Incident);
        else
            LogFailedAgain(exception.GetType().Name, context.Component, context.Action, receipt.Incident);
        return receipt.Incident;
    }
}
