using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Explains hard deaths (<c>kill -9</c>, out of memory, native fault). While the process runs it copies the last actions into a <see cref="RunMarker"/>
/// five times a second when there are new ones; at start it reports the runs whose markers were left behind.
/// </summary>
sealed partial class BlackBox(Supervisor supervisor, CrashReporter reporter, IOptions<CrashReportOptions> options, ILogger<BlackBox> log)
    : SupervisedTicker(supervisor, TimeSpan.FromMilliseconds(200), "blackBox")
{
    static readonly TimeSpan StatisticsInterval = TimeSpan.FromSeconds(30);

    readonly CrashReportOptions _options = options.Value;
    readonly Lock _gate = new();
    RunMarker? _marker;
    ProcessStatistics? _statistics;
    long _statisticsTaken;
    long _written = -1;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Directory is { } directory)
        {
            try
            {
                foreach (var (identity, tail) in RunMarker.TakeDead(directory))
                    Report(identity, tail);
                _marker = RunMarker.Create(directory, Identity());
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNoMarker(exception, directory);
            }
        }
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        lock (_gate)
        {
            _marker?.Remove();
            _marker = null;
        }
    }

    protected override bool IsInStep => true;

    protected override Task TickAsync(CancellationToken stopping)
    {
        if (ActionLog.Count != _written)
            WriteTail();
        return Task.CompletedTask;
    }

    /// <summary>The process ends right after this: what is written now names the incident that the reporter has just filed.</summary>
    void OnUnhandled(object sender, UnhandledExceptionEventArgs args) => WriteTail();

    void WriteTail()
    {
        lock (_gate)
        {
            var count = ActionLog.Count;
            if (_marker is not { } marker)
                return;
            if (_statistics is null || Time.GetElapsedTime(_statisticsTaken) >= StatisticsInterval)
            {
                _statistics = ProcessSnapshot.Take(Time);
                _statisticsTaken = Time.GetTimestamp();
            }
            marker.WriteTail(new RunTail(Time.GetUtcNow(), ActionLog.Snapshot(_options.Actions), _statistics));
            _written = count;
        }
    }

    void Report(RunIdentity identity, RunTail? tail)
    {
        var restarted = identity.HostBoot == HostBoot() ? "" : " The machine was restarted since.";
        var lastSign = tail?.Time ?? identity.Started;
        // What has no name of its own is called by its process, which is another one now.
        var mine = identity.Service == _options.Service
            && (identity.Node == _options.Node || Environment.GetEnvironmentVariable(DeathCause.LastProcessVariable) == identity.Process.ToString(CultureInfo.InvariantCulture));
        var cause = DeathCause.Explain(identity, tail, DeathCause.OomKills(), mine ? Environment.GetEnvironmentVariable(DeathCause.LastExitVariable) : null);
        var message = $"The run of process {identity.Process} started at {identity.Started:u} ended without stopping; last sign of life {lastSign:u}.{restarted} {cause}";
        var id = Guid.CreateVersion7(Time.GetUtcNow()).ToString("N");
        reporter.Accept(new CrashReport(
            id, lastSign, CrashKind.PreviousRunDied, identity.Service, identity.Node, identity.Process, "process", "died", null, null, null,
            new CrashException("PreviousRunDied", message, null, null),
            StackFingerprint.Hash(CrashKind.PreviousRunDied), 1,
            tail?.Actions ?? [], tail?.Statistics ?? CrashReporter.NoStatistics));
        ActionLog.Record("process", "previousRunDied", detail: id);
        LogPreviousRunDied(identity.Process, lastSign, id);
    }

    RunIdentity Identity() => new(
        Guid.CreateVersion7(Time.GetUtcNow()).ToString("N"), _options.Service, _options.Node, Environment.ProcessId, Time.GetUtcNow(), HostBoot(), DeathCause.OomKills());

    /// <summary>Changes when the machine restarts; empty where the system does not tell.</summary>
    static string HostBoot()
    {
        const string Path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(Path) ? File.ReadAllText(Path).Trim() : "";
    }

    [LoggerMessage(1, LogLevel.Error, "The previous run (process {Process}) died without stopping, last sign of life {LastSign}; incident {Incident}")]
    partial void LogPreviousRunDied(int process, DateTimeOffset lastSign, string incident);

    [LoggerMessage(2, LogLevel.Warning, "No run marker can be kept in {Directory}: a hard death of this run will not be explained")]
    partial void LogNoMarker(Exception exception, string directory);
}
