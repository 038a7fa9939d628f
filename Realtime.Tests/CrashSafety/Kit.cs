using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Tests.CrashSafety;

/// <summary>The crash-safety kit put together by hand, on manual time, with reports in memory unless a folder is given.</summary>
sealed class Kit : IAsyncDisposable
{
    public Kit(Action<CrashReportOptions>? configure = null)
    {
        var options = new CrashReportOptions { Service = "test", Node = "test-0" };
        configure?.Invoke(options);
        Options = Microsoft.Extensions.Options.Options.Create(options);
        Reporter = new CrashReporter(Options, Time, NullLogger<CrashReporter>.Instance);
        Guarded = new Guarded(Reporter, NullLogger<Guarded>.Instance);
        Readiness = new Readiness(Time);
        Watchdog = new LoopWatchdog(Time);
        Supervisor = new Supervisor(Reporter, Guarded, Readiness, Watchdog, Time, NullLogger<Supervisor>.Instance, new Random(1));
    }

    public ManualTime Time { get; } = new();
    public IOptions<CrashReportOptions> Options { get; }
    public CrashReporter Reporter { get; }
    public Guarded Guarded { get; }
    public Readiness Readiness { get; }
    public LoopWatchdog Watchdog { get; }
    public Supervisor Supervisor { get; }

    /// <summary>Full reports made since the last call, oldest first; in a running kit the writer takes them.</summary>
    public List<CrashReport> TakeReports()
    {
        var reports = new List<CrashReport>();
        while (Reporter.WaitingForDisk.TryRead(out var report))
            reports.Add(report);
        return reports;
    }

    public ValueTask DisposeAsync() => Supervisor.DisposeAsync();
}

/// <summary>A folder of its own, gone after the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("realtime-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
