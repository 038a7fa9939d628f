using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// Turns exceptions into crash reports: deduplicated by stack hash, rate-limited, written to disk first and then handed to the sinks.
/// <see cref="Report(Exception, in GuardedContext, string)"/> never throws and never waits for the disk: reports pass through a queue of <see cref="QueueLength"/>
/// (full: the report is dropped and counted). Only what ends the process is written on the spot.
/// </summary>
public sealed partial class CrashReporter
{
    public const int QueueLength = 256;


    readonly CrashReportOptions _options;
    readonly TimeProvider _time;
    readonly ILogger<CrashReporter> _log;
    readonly CrashThrottle _throttle;
    readonly CrashFiles? _files;
    readonly Channel<CrashReport> _toDisk = Channel.CreateBounded<CrashReport>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    readonly Channel<CrashReport> _toSinks;
    long _total;

    public CrashReporter(IOptions<CrashReportOptions> options, TimeProvider time, ILogger<CrashReporter> log)
    {
        _options = options.Value;
        _time = time;
        _log = log;
        _throttle = new CrashThrottle(_options, time);
        _files = _options.Directory is { } directory ? new CrashFiles(directory, _options.MaxFiles) : null;
        // Sinks may be away for hours: the files remain, so the oldest waiting report may go.
        _toSinks = Channel.CreateBounded<CrashReport>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            static dropped => CrashSafetyMetrics.Reported(dropped.Kind, "notHandedOn"));
    }

    /// <summary>Exceptions reported since the process started, counted-only ones included.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Where report files are; null when they are kept off the disk.</summary>
    public string? Directory => _files?.Directory;

    /// <summary>This node's reports on disk after the file named, oldest first.</summary>
    /// <param name="after">What an earlier page called <see cref="CrashPage.Next"/>; empty for all.</param>
    public CrashPage ReadAfter(string after, int most)
    {
        var found = _files?.ReadAfter(after, most) ?? [];
        return new CrashPage([.. found.Select(static one => one.Report).Where(report => report.Service == _options.Service && report.Node == _options.Node)], found.Count > 0 ? found[^1].Name : after);
    }

    internal ChannelReader<CrashReport> WaitingForDisk => _toDisk.Reader;
    internal ChannelReader<CrashReport> WaitingForSinks => _toSinks.Reader;

    /// <param name="kind">One of <see cref="CrashKind"/>.</param>
    public CrashReceipt Report(Exception exception, in GuardedContext context, string kind = CrashKind.Caught)
    {
        var now = _time.GetUtcNow();
        var incident = Guid.CreateVersion7(now).ToString("N");
        Interlocked.Increment(ref _total);
        try
        {
            var described = StackFingerprint.Describe(exception);
            var hash = StackFingerprint.Hash(described, $"{context.Component}/{context.Action}");
            var (count, full) = _throttle.Count(hash);
            ActionLog.Record(context.Component, "crash", context.User, context.Room, incident);
            if (!full)
            {
                CrashSafetyMetrics.Reported(kind, "counted");
                return new CrashReceipt(incident, IsNew: false);
            }
            System.Diagnostics.Activity.Current?.AddEvent(new("crash", now, new() { ["incident"] = incident, ["stack_hash"] = hash, ["kind"] = kind }));
            Accept(NewReport(incident, now, kind, context, described, hash, count), fatal: kind == CrashKind.Unhandled);
            return new CrashReceipt(incident, IsNew: true);
        }
        catch (Exception ownFault)
        {
            // The last line of defence: a fault in here must not become the caller's.
            LogReportingFailed(ownFault, exception.GetType().Name);
            return new CrashReceipt(incident, IsNew: true);
        }
    }

    /// <summary>Files a report that was put together elsewhere (the death of the previous run).</summary>
    internal void Accept(CrashReport report, bool fatal = false)
    {
        if (fatal)
        {
            Write(report);
        }
        else if (!_toDisk.Writer.TryWrite(report))
        {
            CrashSafetyMetrics.Reported(report.Kind, "dropped");
            LogDropped(report.Id, QueueLength);
        }
    }

    /// <summary>One report to disk, then on to the sinks. A disk that refuses (full, read-only) costs the file, not the sinks.</summary>
    internal void Write(CrashReport report)
    {
        try
        {
            if (ReferenceEquals(report.Statistics, TakenLater))
                report = report with { Statistics = ProcessSnapshot.Take(_time) };
            _files?.Write(report);
            CrashSafetyMetrics.Reported(report.Kind, "written");
        }
        catch (Exception exception)
        {
            CrashSafetyMetrics.Reported(report.Kind, "notWritten");
            LogNotWritten(exception, report.Id);
        }
        _toSinks.Writer.TryWrite(report);
    }

    /// <summary>Taken when the report is written: too slow for the place of the crash.</summary>
    static readonly ProcessStatistics TakenLater = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>For a run that died before it took any.</summary>
    internal static ProcessStatistics NoStatistics { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    CrashReport NewReport(string incident, DateTimeOffset now, string kind, in GuardedContext context, CrashException exception, string hash, long count) => new(
        incident, now, kind, _options.Service, _options.Node, Environment.ProcessId,
        context.Component, context.Action, context.User, context.Room,
        context.TraceId ?? System.Diagnostics.Activity.Current?.TraceId.ToHexString(),
        exception, hash, count,
        ActionLog.Snapshot(_options.Actions, context.User, context.Room),
        TakenLater);
}

/// <summary>What the reporter says to whoever reports. <see cref="IsNew"/>: a full report was made, not only a count raised.</summary>
public readonly record struct CrashReceipt(string Incident, bool IsNew);
