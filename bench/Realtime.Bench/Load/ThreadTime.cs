using System.Runtime.InteropServices;
using Realtime.Media.Transport;

namespace Realtime.Bench.Load;

/// <summary>What .NET does not tell of a thread: its own CPU time, and naps shorter than a millisecond.</summary>
static unsafe partial class ThreadTime
{
    const int ThreadCpuClock = 3;

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
