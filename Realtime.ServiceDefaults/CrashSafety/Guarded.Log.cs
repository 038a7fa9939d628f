using Microsoft.Extensions.Logging;

namespace Realtime.ServiceDefaults.CrashSafety;

public sealed partial class Guarded
{
    [LoggerMessage(1, LogLevel.Error, "{Component}/{Action} failed, incident {Incident}")]
    partial void LogFailed(Exception exception, string component, string action, string incident);

    [LoggerMessage(2, LogLevel.Warning, "{Exception} again in {Component}/{Action}, incident {Incident}")]
    partial void LogFailedAgain(string exception, string component, string action, string incident);
}
