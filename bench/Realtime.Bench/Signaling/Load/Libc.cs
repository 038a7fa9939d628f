using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Realtime.Bench.Signaling.Load;

/// <summary>The few calls of TCP and epoll that the generator makes. Linux, little endian.</summary>
static unsafe partial class Libc
{
    public const int Again = 11;
    public const int InProgress = 115;
    public const uint EpollIn = 1, EpollOut = 4, EpollError = 8, EpollHangUp = 16;

    const int AfInet = 2, SockStream = 1, SockNonblock = 0x800, SockCloexec = 0x80000;
    const int SolSocket = 1, SoReceiveBuffer = 8, IpProtoTcp = 6, TcpNoDelay = 1;
    const int CtlAdd = 1, CtlModify = 3;
    const int SigStop = 19;

    /// <summary>Packed on x64 as the kernel has it.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct EpollEvent
    {
        public uint Events;
        public int Id;
        public int Unused;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Address
    {
        public ushort Family;
        public ushort Port;
        public uint Ip;
        public ulong Zero;
    }

    public static int NewEpoll() => Check(epoll_create1(0), "epoll_create1");

    /// <summary>A socket that connects to a port of 127.0.0.1.</summary>
    /// <param name="source">The last three bytes of the address it comes from, 127.x.y.z; 0: any.</param>
    public static int Connect(int port, int source, int receiveBuffer)
    {
        var fd = Check(socket(AfInet, SockStream | SockNonblock | SockCloexec, 0), "socket");
        var on = 1;
        Check(setsockopt(fd, IpProtoTcp, TcpNoDelay, &on, sizeof(int)), "TCP_NODELAY");
        if (receiveBuffer > 0) Check(setsockopt(fd, SolSocket, SoReceiveBuffer, &receiveBuffer, sizeof(int)), "SO_RCVBUF");
        if (source > 0)
        {
            var from = new Address { Family = AfInet, Ip = 127u | ((uint)(source >> 16) << 8) | (((uint)(source >> 8) & 255) << 16) | (((uint)source & 255) << 24) };
            Check(bind(fd, &from, (uint)sizeof(Address)), "bind");
        }

        var to = new Address { Family = AfInet, Port = (ushort)(((port & 255) << 8) | (port >> 8)), Ip = 0x0100007f };
        if (connect(fd, &to, (uint)sizeof(Address)) < 0 && Marshal.GetLastPInvokeError() != InProgress) Check(-1, "connect");
        return fd;
    }

    public static void Watch(int epoll, int fd, int id, uint events, bool again = false)
    {
        var ev = new EpollEvent { Events = events, Id = id };
        Check(epoll_ctl(epoll, again ? CtlModify : CtlAdd, fd, &ev), "epoll_ctl");
    }

    public static int Wait(int epoll, Span<EpollEvent> events, int milliseconds)
    {
        fixed (EpollEvent* first = events) return Math.Max(0, epoll_wait(epoll, first, events.Length, milliseconds));
    }

    /// <summary>Bytes; 0 at the end; -1 when nothing is there; -2 when it broke.</summary>
    public static int Receive(int fd, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var read = (int)recv(fd, bytes, (nuint)buffer.Length, 0);
            return read >= 0 ? read : Marshal.GetLastPInvokeError() == Again ? -1 : -2;
        }
    }

    /// <summary>False: it did not go out whole.</summary>
    public static bool Send(int fd, ReadOnlySpan<byte> bytes)
    {
        const int NoSignal = 0x4000;
        fixed (byte* first = bytes) return send(fd, first, (nuint)bytes.Length, NoSignal) == bytes.Length;
    }

    public static void Close(int fd) => close(fd);

    /// <summary>The process stands still until somebody lets it go on, or kills it.</summary>
    public static void Stop(int process) => Check(kill(process, SigStop), "kill");

    static int Check(int result, string call) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, EpollEvent* ev);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, EpollEvent* events, int max, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, Address* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, Address* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
