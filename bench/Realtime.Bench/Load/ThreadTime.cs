using System.Runtime.InteropServices;
using Realtime.Media.Transport;

namespace Realtime.Bench.Load;

/// <summary>What .NET does not tell: a thread's own CPU time, naps shorter than a millisecond, and the time in the kernel's unit.</summary>
static unsafe partial class ThreadTime
{
    const int ThreadCpuClock = 3;

    /// <summary>The clock that the kernel stamps arrivals with.</summary>
    public static long UnixNanoseconds => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    public static TimeSpan OfThisThread()
    {
        LinuxSockets.TimeSpec time;
        return ClockGetTime(ThreadCpuClock, &time) == 0 ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100)) : default;
    }

    public static void Nap(long nanoseconds)
    {
        var time = new LinuxSockets.TimeSpec { Nanoseconds = nanoseconds };
        LinuxSockets.NanoSleep(&time, null);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, LinuxSockets.TimeSpec* time);
}
