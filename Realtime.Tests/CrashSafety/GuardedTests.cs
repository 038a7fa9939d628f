using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class GuardedTests
{
    static readonly GuardedContext Context = new("hub", "send", "ann", "room-1", "trace-1");

    readonly Kit _kit = new();

    [Fact]
    public async Task Work_that_succeeds_leaves_nothing()
    {
        Assert.True(_kit.Guarded.Run(Context, () => { }).Succeeded);
        Assert.Equal(3, _kit.Guarded.Run(Context, () => 3).Value);
        Assert.Equal("x", (await _kit.Guarded.RunAsync(Context, _ => Task.FromResult("x"), default)).Value);
        Assert.Empty(_kit.TakeReports());
    }

    [Fact]
    public async Task An_exception_becomes_an_incident_with_a_report()
    {
        ActionLog.Record("hub", "before the crash", "ann", "room-1");
        var outcome = await _kit.Guarded.RunAsync(Context, _ => throw new InvalidOperationException("boom"), default);
        Assert.False(outcome.Succeeded);
        var report = Assert.Single(_kit.TakeReports());
        Assert.Equal(outcome.Incident, report.Id);
        Assert.Equal(("hub", "send", "ann", "room-1", "trace-1", CrashKind.Caught), (report.Component, report.Action, report.User, report.Room, report.TraceId, report.Kind));
        Assert.Equal(("System.InvalidOperationException", "boom"), (report.Exception!.Type, report.Exception.Message));
        Assert.Contains(report.Actions, entry => entry.Action == "before the crash");
    }

    [Fact]
    public void Synchronous_forms_catch_too()
    {
        Assert.IsType<FormatException>(_kit.Guarded.Run(Context, static () => throw new FormatException()).Exception);
        Assert.IsType<FormatException>(_kit.Guarded.Run(Context, 7, static _ => throw new FormatException()).Exception);
        Assert.Equal(0, _kit.Guarded.Run<int>(Context, static () => throw new FormatException()).Value);
        Assert.Equal(3, _kit.Reporter.Total);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_thrown_on()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _kit.Guarded.RunAsync(Context, Task.FromCanceled, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _kit.Guarded.RunAsync(Context, Task.FromCanceled<int>, cancelled.Token));
        Assert.Equal(0, _kit.Reporter.Total);
    }

    [Fact]
    public async Task Somebody_elses_cancellation_is_a_failure()
    {
        using var other = new CancellationTokenSource();
        await other.CancelAsync();
        var outcome = await _kit.Guarded.RunAsync(Context, _ => Task.FromCanceled(other.Token), default);
        Assert.IsAssignableFrom<OperationCanceledException>(outcome.Exception);
        Assert.Equal(1, _kit.Reporter.Total);
    }
}
