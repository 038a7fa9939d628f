using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class CrashReporterTests
{
    static readonly GuardedContext Context = new("media", "receive");

    static Exception Thrown(Action work) => Assert.ThrowsAny<Exception>(work);
    static void One() => throw new InvalidOperationException($"one {Guid.NewGuid()}");
    static void Two() => throw new InvalidOperationException("two");

    [Fact]
    public void The_same_stack_is_reported_in_full_once_a_minute_and_counted_in_between()
    {
        var kit = new Kit();
        var receipts = Enumerable.Range(0, 5).Select(_ => kit.Reporter.Report(Thrown(One), Context)).ToList();
        Assert.Equal([true, false, false, false, false], receipts.Select(receipt => receipt.IsNew));
        Assert.Equal(5, receipts.Select(receipt => receipt.Incident).Distinct().Count());
        Assert.Equal(1, Assert.Single(kit.TakeReports()).Count);

        Assert.True(kit.Reporter.Report(Thrown(Two), Context).IsNew, "another stack is another crash");
        kit.TakeReports();
        kit.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(kit.Reporter.Report(Thrown(One), Context).IsNew);
        Assert.Equal(6, Assert.Single(kit.TakeReports()).Count);
        Assert.Equal(7, kit.Reporter.Total);
    }

    [Fact]
    public void Full_reports_are_limited_per_minute()
    {
        var kit = new Kit(options => options.MaxPerMinute = 3);
        bool Report(int place) => kit.Reporter.Report(new InvalidOperationException(), new GuardedContext("c", $"place {place}")).IsNew;
        Assert.Equal(3, Enumerable.Range(0, 10).Count(Report));
        kit.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Report(11));
    }

    [Fact]
    public void Forgets_the_hash_seen_longest_ago_when_full()
    {
        var time = new ManualTime();
        var throttle = new CrashThrottle(new CrashReportOptions { MaxPerMinute = int.MaxValue }, time);
        for (var i = 0; i < CrashThrottle.MaxHashes; i++)
        {
            throttle.Count($"hash {i}");
            time.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(2, throttle.Count("hash 0").Count);
        throttle.Count("one more");
        Assert.Equal(3, throttle.Count("hash 0").Count);
        Assert.Equal(1, throttle.Count("hash 1").Count);
    }

    [Fact]
    public void A_full_queue_drops_the_report_and_never_waits()
    {
        var kit = new Kit(options => options.MaxPerMinute = int.MaxValue);
        for (var i = 0; i < CrashReporter.QueueLength + 10; i++)
            kit.Reporter.Report(new InvalidOperationException(), new GuardedContext("c", $"place {i}"));
        Assert.Equal(CrashReporter.QueueLength, kit.TakeReports().Count);
    }

    [Fact]
    public void An_exception_that_throws_when_read_is_still_reported()
    {
        var kit = new Kit();
        kit.Reporter.Report(new Poisoned(), Context);
        Assert.Equal("(reading it threw NotSupportedException)", Assert.Single(kit.TakeReports()).Exception!.Message);
    }

    sealed class Poisoned : Exception
    {
        public override string Message => throw new NotSupportedException();
    }

    [Fact]
    public async Task Waiting_reports_reach_the_disk_also_when_the_host_stops_and_the_oldest_files_go()
    {
        using var folder = new TemporaryFolder();
        await using var kit = new Kit(options =>
        {
            options.Directory = folder.Path;
            options.MaxFiles = 4;
        });
        var writer = new CrashReportWriter(kit.Supervisor, kit.Reporter);
        for (var i = 0; i < 10; i++)
        {
            kit.Reporter.Report(new InvalidOperationException($"number {i}"), new GuardedContext("c", $"place {i}", "ann", "room"));
            kit.Time.Advance(TimeSpan.FromSeconds(1));
        }
        await writer.StopAsync(default);

        var files = Directory.GetFiles(folder.Path).Order().ToList();
        Assert.Equal(4, files.Count);
        var last = JsonSerializer.Deserialize<CrashReport>(await File.ReadAllBytesAsync(files[^1]), ContractsJson.Options)!;
        Assert.Equal(("number 9", "place 9", "ann", "room", "test", "test-0"), (last.Exception!.Message, last.Action, last.User, last.Room, last.Service, last.Node));
        Assert.True(last.Statistics is { WorkingSet: > 0, Threads: > 0, Handles: > 0 });
    }

    [Fact]
    public async Task A_disk_that_refuses_costs_the_file_and_not_the_sinks()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "not a folder");
        await File.WriteAllTextAsync(file, "");
        var kit = new Kit(options => options.Directory = file);
        kit.Reporter.Report(new InvalidOperationException(), Context);
        kit.Reporter.Write(Assert.Single(kit.TakeReports()));
        Assert.True(kit.Reporter.WaitingForSinks.TryRead(out _));
    }

    [Fact]
    public async Task A_sink_that_fails_is_tried_again_and_loses_nothing()
    {
        await using var kit = new Kit();
        var sink = new FlakySink { Failures = 3 };
        using var services = new ServiceCollection().AddSingleton<ICrashSink>(sink).BuildServiceProvider();
        kit.Reporter.Report(new InvalidOperationException(), Context);
        var report = Assert.Single(kit.TakeReports());
        kit.Reporter.Write(report);
        using var feeder = new CrashSinkFeeder(kit.Supervisor, kit.Reporter, services, NullLogger<CrashSinkFeeder>.Instance);
        await feeder.StartAsync(default);
        foreach (var pause in new[] { 1, 2, 4 }.Select(static seconds => TimeSpan.FromSeconds(seconds)))
        {
            // The bound of each call, 5 s, is a timer too.
            Assert.Equal(pause, await kit.Time.WaitForTimerAsync(within: TimeSpan.FromSeconds(4)));
            kit.Time.Advance(pause);
        }
        Assert.Equal(report.Id, await sink.Stored.Task.WaitAsync(ManualTime.Patience));
        await feeder.StopAsync(default);
    }

    sealed class FlakySink : ICrashSink
    {
        public int Failures;
        public TaskCompletionSource<string> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StoreAsync(CrashReport report, CancellationToken cancellation)
        {
            if (Failures-- > 0)
                throw new IOException("the database is away");
            Stored.TrySetResult(report.Id);
            return Task.CompletedTask;
        }
    }
}
