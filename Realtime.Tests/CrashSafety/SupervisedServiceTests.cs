using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class SupervisedServiceTests
{
    sealed class Failing(Supervisor supervisor, Func<int, CancellationToken, Task> turn) : SupervisedService(supervisor, "failing")
    {
        public int Starts;

        protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(10);

        protected override Task RunLoopAsync(CancellationToken stopping) => turn(++Starts, stopping);
    }

    sealed class Ticking(Supervisor supervisor, Func<int, Task> tick) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(10), "ticking")
    {
        public int Ticks;

        protected override Task TickAsync(CancellationToken stopping) => tick(++Ticks);
    }

    sealed class InStep(Supervisor supervisor, TimeSpan interval) : SupervisedTicker(supervisor, interval, "inStep")
    {
        protected override bool IsInStep => true;

        protected override Task TickAsync(CancellationToken stopping) => Task.CompletedTask;
    }

    static Task Forever(CancellationToken stopping) => Task.Delay(Timeout.Infinite, stopping);

    [Fact]
    public async Task A_loop_that_throws_starts_again_with_growing_pauses()
    {
        await using var kit = new Kit();
        kit.Readiness.MarkStarted();
        var running = new TaskCompletionSource();
        using var service = new Failing(kit.Supervisor, (start, stopping) =>
        {
            if (start <= 7)
                throw new InvalidOperationException($"start {start}");
            running.TrySetResult();
            return Forever(stopping);
        });
        await service.StartAsync(default);
        foreach (var expected in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            var pause = await kit.Time.WaitForTimerAsync();
            Assert.InRange(pause.TotalSeconds, expected * 0.8, expected * 1.2);
            kit.Time.Advance(pause);
        }
        await running.Task.WaitAsync(ManualTime.Patience);
        Assert.Equal(8, service.Starts);
        Assert.Equal(7, kit.Reporter.Total);
        Assert.All(kit.TakeReports(), report => Assert.Equal((CrashKind.Loop, "failing"), (report.Kind, report.Component)));
        Assert.Null(kit.Readiness.NotReadyBecause());
        await service.StopAsync(default);
    }

    [Fact]
    public async Task Ticks_in_step_come_at_multiples_of_their_interval()
    {
        await using var kit = new Kit();
        kit.Time.Advance(TimeSpan.FromMilliseconds(270));
        using var service = new InStep(kit.Supervisor, TimeSpan.FromMilliseconds(200));
        await service.StartAsync(default);
        foreach (var expected in new[] { 130, 200, 200 })
        {
            var pause = await kit.Time.WaitForTimerAsync();
            Assert.Equal(expected, pause.TotalMilliseconds, 1);
            kit.Time.Advance(pause);
        }

        await service.StopAsync(default);
    }

    [Fact]
    public async Task A_timer_that_fires_a_little_early_is_not_followed_by_another_at_once()
    {
        await using var kit = new Kit();
        kit.Time.Advance(TimeSpan.FromMilliseconds(199));
        using var service = new InStep(kit.Supervisor, TimeSpan.FromMilliseconds(200));
        await service.StartAsync(default);
        Assert.Equal(201, (await kit.Time.WaitForTimerAsync()).TotalMilliseconds, 1);
        await service.StopAsync(default);
    }

    [Fact]
    public async Task A_loop_that_ran_well_for_a_while_starts_over_with_the_first_pause()
    {
        await using var kit = new Kit();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var service = new Failing(kit.Supervisor, async (start, _) =>
        {
            if (start == 4)
            {
                reached.SetResult();
                await go.Task;
            }
            throw new InvalidOperationException();
        });
        await service.StartAsync(default);
        for (var i = 0; i < 3; i++)
            kit.Time.Advance(await kit.Time.WaitForTimerAsync());
        await reached.Task.WaitAsync(ManualTime.Patience);
        kit.Time.Advance(TimeSpan.FromMinutes(2));
        go.SetResult();
        Assert.InRange((await kit.Time.WaitForTimerAsync()).TotalSeconds, 0.8, 1.2);
        await service.StopAsync(default);
    }

    [Fact]
    public async Task Returning_ends_the_service_and_stopping_is_no_failure()
    {
        await using var kit = new Kit();
        using var once = new Failing(kit.Supervisor, (_, _) => Task.CompletedTask);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var endless = new Failing(kit.Supervisor, (_, stopping) =>
        {
            entered.SetResult();
            return Forever(stopping);
        });
        await once.StartAsync(default);
        await once.ExecuteTask!.WaitAsync(ManualTime.Patience);
        await endless.StartAsync(default);
        await entered.Task.WaitAsync(ManualTime.Patience);
        await endless.StopAsync(default);
        Assert.True(once.ExecuteTask.IsCompletedSuccessfully && endless.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal(0, kit.Reporter.Total);
        Assert.Empty(kit.Watchdog.Stuck());
    }

    [Fact]
    public async Task A_tick_that_throws_is_reported_and_the_next_comes_at_its_time()
    {
        await using var kit = new Kit();
        using var service = new Ticking(kit.Supervisor, tick => tick == 2 ? throw new InvalidOperationException() : Task.CompletedTask);
        await service.StartAsync(default);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(TimeSpan.FromSeconds(10), await kit.Time.WaitForTimerAsync());
            Assert.Equal(i + 1, service.Ticks);
            kit.Time.Advance(TimeSpan.FromSeconds(10));
        }
        await service.StopAsync(default);
        Assert.Equal((CrashKind.Caught, "tick"), Assert.Single(kit.TakeReports()) is var report ? (report.Kind, report.Action) : default);
    }

    [Fact]
    public async Task A_tick_that_hangs_is_stuck_for_the_watchdog()
    {
        await using var kit = new Kit();
        var hang = new TaskCompletionSource();
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var service = new Ticking(kit.Supervisor, _ =>
        {
            hanging.SetResult();
            return hang.Task;
        });
        await service.StartAsync(default);
        await hanging.Task.WaitAsync(ManualTime.Patience);
        kit.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(kit.Watchdog.Stuck());
        kit.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(["ticking"], kit.Watchdog.Stuck());
        hang.SetResult();
        await kit.Time.WaitForTimerAsync();
        Assert.Empty(kit.Watchdog.Stuck());
        await service.StopAsync(default);
    }

    [Fact]
    public void More_than_five_restarts_within_a_minute_are_not_ready()
    {
        var time = new ManualTime();
        var readiness = new Readiness(time);
        Assert.Equal("starting", readiness.NotReadyBecause());
        readiness.MarkStarted();
        using (readiness.Hold("migrations"))
            Assert.Equal("starting: migrations", readiness.NotReadyBecause());
        for (var i = 0; i < 5; i++)
            readiness.RecordLoopRestart();
        Assert.Null(readiness.NotReadyBecause());
        time.Advance(TimeSpan.FromSeconds(59));
        readiness.RecordLoopRestart();
        Assert.NotNull(readiness.NotReadyBecause());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(readiness.NotReadyBecause());
        readiness.BeginDrain();
        Assert.Equal("draining", readiness.NotReadyBecause());
        readiness.EndDrain();
        Assert.Null(readiness.NotReadyBecause());
    }
}
