using Microsoft.Extensions.Logging.Abstractions;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class BlackBoxTests
{
    static RunIdentity Identity(ManualTime time, string run) => new(run, "signaling", "signaling-0", 4711, time.GetUtcNow(), "another boot");

    static RunTail Tail(ManualTime time, int count, string detail) => new(
        time.GetUtcNow(), [.. Enumerable.Range(0, count).Select(i => new ActionEntry(time.GetUtcNow(), "hub", $"action {i}", "ann", "room", detail, null, 1))], CrashReporter.NoStatistics);

    static BlackBox Start(Kit kit) => new(kit.Supervisor, kit.Reporter, kit.Options, NullLogger<BlackBox>.Instance);

    [Fact]
    public async Task The_next_start_reports_a_run_that_left_its_marker_behind()
    {
        using var folder = new TemporaryFolder();
        await using var kit = new Kit(options => options.Directory = folder.Path);
        using (var died = RunMarker.Create(folder.Path, Identity(kit.Time, "first")))
        {
            died.WriteTail(Tail(kit.Time, 3, "old"));
            kit.Time.Advance(TimeSpan.FromSeconds(5));
            died.WriteTail(Tail(kit.Time, 3, "new"));
        }
        using var box = Start(kit);
        await box.StartAsync(default);
        var report = Assert.Single(kit.TakeReports());
        Assert.Equal((CrashKind.PreviousRunDied, 4711, "signaling-0", kit.Time.GetUtcNow()), (report.Kind, report.Process, report.Node, report.Time));
        Assert.Equal(["new", "new", "new"], report.Actions.Select(entry => entry.Detail));
        Assert.Contains("The machine was restarted since", report.Exception!.Message);
        await box.StopAsync(default);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_clean_stop_is_not_reported()
    {
        using var folder = new TemporaryFolder();
        await using var kit = new Kit(options => options.Directory = folder.Path);
        using (var first = Start(kit))
        {
            await first.StartAsync(default);
            await first.StopAsync(default);
        }
        using var second = Start(kit);
        await second.StartAsync(default);
        await second.StopAsync(default);
        Assert.Empty(kit.TakeReports());
    }

    [Fact]
    public void A_run_that_still_lives_is_left_alone_and_a_dead_one_is_handed_out_once()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        using var lives = RunMarker.Create(folder.Path, Identity(time, "lives"));
        RunMarker.Create(folder.Path, Identity(time, "died")).Dispose();
        Assert.Equal("died", Assert.Single(RunMarker.TakeDead(folder.Path)).Identity.Run);
        Assert.Empty(RunMarker.TakeDead(folder.Path));
        Assert.Equal("lives", Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(folder.Path)))[4..]);
    }

    [Fact]
    public void A_tail_torn_by_death_falls_back_to_the_one_before()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        using (var marker = RunMarker.Create(folder.Path, Identity(time, "torn")))
        {
            marker.WriteTail(Tail(time, 2, "whole"));
            marker.WriteTail(Tail(time, 2, "torn"));
        }
        var path = Assert.Single(Directory.GetFiles(folder.Path));
        var bytes = File.ReadAllBytes(path);
        bytes[2048 + 100] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal("whole", Assert.Single(RunMarker.TakeDead(folder.Path)).Tail!.Actions[0].Detail);
    }

    [Fact]
    public void Actions_that_do_not_fit_go_oldest_first()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        using (var marker = RunMarker.Create(folder.Path, Identity(time, "long")))
            marker.WriteTail(Tail(time, 50, new string('x', 2000)));
        var actions = Assert.Single(RunMarker.TakeDead(folder.Path)).Tail!.Actions;
        Assert.InRange(actions.Count, 5, 15);
        Assert.Equal("action 49", actions[^1].Action);
    }

    [Fact]
    public void Garbage_in_the_folder_is_no_crash()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, "run-garbage.marker"), new byte[100]);
        var random = new byte[2048 + (2 * 31 * 1024)];
        new Random(7).NextBytes(random);
        File.WriteAllBytes(Path.Combine(folder.Path, "run-random.marker"), random);
        Assert.Empty(RunMarker.TakeDead(folder.Path));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("process", "crash", null, null, "An exception nobody caught ended it: incident 4711.")]
    [InlineData("host", "stopping", null, null, "It had been asked to stop")]
    [InlineData("hub", "x", 3L, null, "The kernel has killed for want of memory")]
    [InlineData("hub", "x", 2L, "137", "It was ended by SIGKILL: kill -9, or the kernel for want of memory.")]
    [InlineData("hub", "x", null, "139", "It was ended by SIGSEGV")]
    [InlineData("hub", "x", null, "3", "Its exit code was 3.")]
    [InlineData("hub", "x", 2L, "nonsense", "Nothing tells why")]
    [InlineData("hub", "x", null, null, "Nothing tells why")]
    public void A_death_is_explained_as_far_as_anything_tells(string component, string action, long? oomKills, string? lastExit, string cause)
    {
        var time = new ManualTime();
        var tail = new RunTail(time.GetUtcNow(), [new ActionEntry(time.GetUtcNow(), component, action, null, null, "4711", null, 1)], CrashReporter.NoStatistics);
        Assert.Contains(cause, DeathCause.Explain(Identity(time, "one") with { OomKills = 2 }, tail, oomKills, lastExit));
    }
}
