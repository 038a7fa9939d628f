using System.Diagnostics;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Reads <see cref="ProcessStatistics"/>. Costs about a millisecond: never on a hot path.</summary>
public static class ProcessSnapshot
{
    public static ProcessStatistics Take(TimeProvider time)
    {
        using var process = Process.GetCurrentProcess();
        return new ProcessStatistics(
            process.WorkingSet64,
            GC.GetTotalMemory(false),
            GC.CollectionCount(0),
            GC.CollectionCount(1),
            GC.CollectionCount(2),
            process.Threads.Count,
            ThreadPool.ThreadCount,
            ThreadPool.PendingWorkItemCount,
            process.HandleCount,
            Math.Round(Math.Max(0, (time.GetUtcNow().UtcDateTime - process.StartTime.ToUniversalTime()).TotalSeconds), 3));
    }
}
