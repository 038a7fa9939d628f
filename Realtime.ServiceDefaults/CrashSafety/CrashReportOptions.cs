namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Section <c>CrashReports</c>.</summary>
public sealed class CrashReportOptions
{
    public const string Section = "CrashReports";

    /// <summary>Where reports are written; null keeps them off the disk. Default: <c>.realtime/crashes/&lt;service&gt;</c> under the content root, or the temporary folder when that is read-only.</summary>
    public string? Directory { get; set; }

    /// <summary>Files kept; the oldest are deleted.</summary>
    public int MaxFiles { get; set; } = 1000;

    /// <summary>One full report per stack hash in this time; more are counted.</summary>
    public TimeSpan PerHashInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Full reports of all hashes together; more are counted.</summary>
    public int MaxPerMinute { get; set; } = 60;

    /// <summary>How many of the last actions go into a report (design §4).</summary>
    public int Actions { get; set; } = 50;

    /// <summary>The service's name; default: the application's.</summary>
    public string Service { get; set; } = "unknown";

    /// <summary>The replica or node; default: <c>Realtime:Replica</c>, <c>Media:Node</c>, or machine and process id.</summary>
    public string Node { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";
}
