using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Realtime.Media.Transport;

/// <summary>One level-triggered epoll set; each descriptor is known by a number of the caller's choice.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    /// <summary>Events per wait; what else is ready is told by the next.</summary>
    public const int MaxEvents = 64;

    readonly int fd = LinuxSockets.EpollCreate(LinuxSockets.EpollCloexec);
    readonly byte* events = (byte*)NativeMemory.AllocZeroed(MaxEvents, (nuint)LinuxSockets.EpollEventSize);

    public Epoll()
    {
        if (fd < 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_create1 failed");
    }

    public void Add(int descriptor, long number) => Control(LinuxSockets.EpollCtlAdd, descriptor, number, LinuxSockets.EpollIn);

    public void Change(int descriptor, long number, bool alsoWritable) =>
        Control(LinuxSockets.EpollCtlMod, descriptor, number, LinuxSockets.EpollIn | (alsoWritable ? LinuxSockets.EpollOut : 0));

    /// <summary>How many are ready; 0 after the timeout or a signal.</summary>
    public int Wait(int timeoutMs) => LinuxSockets.EpollWait(fd, events, MaxEvents, timeoutMs);

    /// <summary>A ready one. An error or hang-up counts as readable: reading tells what it is.</summary>
    public (long Number, bool Readable, bool Writable) Ready(int index)
    {
        var e = events + (index * LinuxSockets.EpollEventSize);
        var flags = *(uint*)e;
        return (*(long*)(e + LinuxSockets.EpollDataOffset), (flags & ~(uint)LinuxSockets.EpollOut) != 0, (flags & LinuxSockets.EpollOut) != 0);
    }

    public void Dispose()
    {
        LinuxSockets.Close(fd);
        NativeMemory.Free(events);
    }

    void Control(int operation, int descriptor, long number, int interest)
    {
        Span<byte> raw = stackalloc byte[16];
        raw.Clear();
        fixed (byte* e = raw)
        {
            *(uint*)e = (uint)interest;
            *(long*)(e + LinuxSockets.EpollDataOffset) = number;
            if (LinuxSockets.EpollControl(fd, operation, descriptor, e) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"epoll_ctl failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
