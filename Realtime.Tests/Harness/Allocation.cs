namespace Realtime.Tests.Harness;

/// <summary>
/// Bytes allocated by the current thread. A collection that another thread causes meanwhile retires this thread's allocation context and
/// counts its rest (up to 8 KB) as allocated, so only runs without one are believed.
/// </summary>
static class Allocation
{
    const int MaxRounds = 100;

    public static long Of(Action work)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            if (TryMeasure(work, out var bytes))
                return bytes;
        }
        throw new InvalidOperationException($"A collection ran during each of {MaxRounds} rounds.");
    }

    /// <summary>Runs the work once; false when a collection ran meanwhile.</summary>
    public static bool TryMeasure(Action work, out long bytes)
    {
        var collections = GC.CollectionCount(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return GC.CollectionCount(0) == collections;
    }
}
