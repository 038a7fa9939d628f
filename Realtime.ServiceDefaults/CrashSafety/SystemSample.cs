namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>The process at one moment, as the system monitor sees it.</summary>
/// <param name="GcPauseShare">Of the time since the sample before, 0 to 1.</param>
/// <param name="Lag">How late work put on the thread pool started.</param>
public sealed record SystemSample(DateTimeOffset Time, long WorkingSet, long GcHeap, long ThreadPoolQueue, int ThreadPoolThreads, double GcPauseShare, TimeSpan Lag)
{
    /// <summary>The names of the limits this sample is beyond.</summary>
    public IReadOnlyList<string> Beyond(SystemMonitorOptions limits)
    {
        var beyond = new List<string>();
        if (WorkingSet > limits.WorkingSetWarning)
            beyond.Add("workingSet");
        if (ThreadPoolQueue > limits.ThreadPoolQueueWarning)
            beyond.Add("threadPoolQueue");
        if (ThreadPoolThreads > limits.ThreadPoolThreadsWarning)
            beyond.Add("threadPoolThreads");
        if (GcPauseShare > limits.GcPauseWarning)
            beyond.Add("gcPause");
        if (Lag > limits.LagWarning)
            beyond.Add("lag");
        return beyond;
    }
}
