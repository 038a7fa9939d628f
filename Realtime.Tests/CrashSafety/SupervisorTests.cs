using Realtime.ServiceDefaults.CrashSafety;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class SupervisorTests
{
    [Fact]
    public async Task Work_is_tracked_and_disposing_cancels_and_awaits_it()
    {
        await using var kit = new Kit();
        var ended = false;
        var work = kit.Supervisor.Start("reader", async stopping =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, stopping);
            }
            finally
            {
                ended = true;
            }
        });
        Assert.Equal(1, kit.Supervisor.Running);
        await work.DisposeAsync();
        await work.DisposeAsync();
        Assert.True(ended);
        Assert.Equal(0, kit.Supervisor.Running);
        Assert.True(work.Outcome.Succeeded);
        Assert.Equal(0, kit.Reporter.Total);
    }

    [Fact]
    public async Task A_failure_is_reported_and_ends_the_work()
    {
        await using var kit = new Kit();
        var work = kit.Supervisor.Start(new GuardedContext("reader", "read", "ann"), _ => throw new InvalidDataException());
        await work.Completion.WaitAsync(ManualTime.Patience);
        Assert.Equal(work.Outcome.Incident, Assert.Single(kit.TakeReports()).Id);
        Assert.Equal(0, kit.Supervisor.Running);
    }

    [Fact]
    public async Task With_restart_it_runs_again_after_a_pause()
    {
        await using var kit = new Kit();
        var starts = 0;
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var work = kit.Supervisor.Start("stream", async stopping =>
        {
            if (++starts == 1)
                throw new IOException();
            again.SetResult();
            await Task.Delay(Timeout.Infinite, stopping);
        }, restart: true);
        kit.Time.Advance(await kit.Time.WaitForTimerAsync());
        await again.Task.WaitAsync(ManualTime.Patience);
        Assert.Equal(2, starts);
    }

    [Fact]
    public async Task The_hosts_stop_ends_everything_and_starts_nothing_more()
    {
        var kit = new Kit();
        var works = Enumerable.Range(0, 10).Select(i => kit.Supervisor.Start($"work {i}", stopping => Task.Delay(Timeout.Infinite, stopping))).ToList();
        await kit.Supervisor.DisposeAsync();
        Assert.All(works, work => Assert.True(work.Completion.IsCompletedSuccessfully));
        Assert.Throws<InvalidOperationException>(() => kit.Supervisor.Start("late", _ => Task.CompletedTask));
    }
}
