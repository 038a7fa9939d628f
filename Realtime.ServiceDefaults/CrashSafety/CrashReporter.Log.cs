using Microsoft.Extensions.Logging;

namespace Realtime.ServiceDefaults.CrashSafety;

public sealed partial class CrashReporter
{
    [LoggerMessage(1, LogLevel.Error, "Reporting a {Exception} failed")]
    partial void LogReportingFailed(Exception own, string exception);

    [LoggerMessage(2, LogLevel.Error, "Crash report {Incident} could not be written to disk")]
    partial void LogNotWritten(Exception exception, string incident);

    [LoggerMessage(3, LogLevel.Error, "Crash report {Incident} was dropped: {Length} reports are waiting for the disk")]
    partial void LogDropped(string incident, int length);
}
