using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Realtime.Media.Transport;

/// <summary>Wakes a worker out of its epoll wait from any thread (eventfd). Setting it twice wakes once.</summary>
internal sealed unsafe class WakeSignal : IDisposable
{
    int fd = LinuxSockets.EventFd(0, LinuxSockets.EfdNonblock | LinuxSockets.EfdCloexec);

    public WakeSignal()
    {
        if (fd < 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "eventfd failed");
    }

    public int Descriptor => fd;

    public void Set()
    {
        var one = 1UL;
        // EAGAIN means that the counter is already saturated: the worker is about to wake.
        LinuxSockets.Write(Volatile.Read(ref fd), &one, sizeof(ulong));
    }

    public void Reset()
    {
        ulong value;
        LinuxSockets.Read(fd, &value, sizeof(ulong));
    }

    public void Dispose()
    {
        var closing = Interlocked.Exchange(ref fd, -1);
        if (closing >= 0) LinuxSockets.Close(closing);
    }
}
