namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Section <c>SystemMonitor</c>. Defaults: design §4, row "health sampling / system monitor".</summary>
public sealed class SystemMonitorOptions
{
    public const string Section = "SystemMonitor";

    public static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(10);

    /// <summary>Between samples, at most <see cref="LongestInterval"/>; may change at run time.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes; the media service's configuration raises it.</summary>
    public long WorkingSetWarning { get; set; } = 500L * 1024 * 1024;

    public long ThreadPoolQueueWarning { get; set; } = 1000;

    /// <summary>Threads beyond the cores that the pool had to add, because others block.</summary>
    public int ThreadPoolThreadsWarning { get; set; } = 1000;

    /// <summary>Share of the time since the last sample that the collector held everything up.</summary>
    public double GcPauseWarning { get; set; } = 0.1;

    /// <summary>How late work put on the thread pool starts.</summary>
    public TimeSpan LagWarning { get; set; } = TimeSpan.FromMilliseconds(500);
}
