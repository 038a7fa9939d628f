using System.Runtime.InteropServices;

namespace Realtime.Media.Transport;

/// <summary>The Linux socket calls that .NET does not offer (epoll, recvmmsg, sendmmsg, eventfd), with their structs and numbers. Nothing else.</summary>
internal static unsafe partial class LinuxSockets
{
    public const int AfInet = 2, AfInet6 = 10, SockDgram = 2, SockNonblock = 0x800, SockCloexec = 0x80000;
    public const int SolSocket = 1, SoRcvBuf = 8, SoSndBuf = 7, SoSndBufForce = 32, SoRcvBufForce = 33;
    public const int SolIpv6 = 41, Ipv6V6Only = 26, Ipv6RecvPktInfo = 49, Ipv6PktInfo = 50;
    public const int SolIp = 0, IpPktInfo = 8;
    /// <summary>linux/udp.h: the level of UDP's own options and control messages, and the two of them used here.</summary>
    public const int SolUdp = 17, UdpSegment = 103, UdpGro = 104;
    public const int MsgDontWait = 0x40, MsgNoSignal = 0x4000;
    public const int EpollCloexec = 0x80000, EpollCtlAdd = 1, EpollCtlMod = 3, EpollIn = 1, EpollOut = 4, EfdNonblock = 0x800, EfdCloexec = 0x80000;
    public const short PollOut = 4;
    public const int EIntr = 4, EIo = 5, EAgain = 11, EInval = 22, EMsgSize = 90, EAfNoSupport = 97;

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVec
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MsgHdr
    {
        public byte* Name;
        public uint NameLength;
        public IoVec* Iov;
        public nuint IovLength;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MMsgHdr
    {
        public MsgHdr Header;
        /// <summary>Bytes received or sent.</summary>
        public uint Length;
    }

    /// <summary>cmsghdr on 64-bit Linux: 16 bytes, then the data, padded to 8.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>epoll_event is packed on x86-64 and padded elsewhere: 12 or 16 bytes, the user data at 4 or 8.</summary>
    public static int EpollEventSize => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static int EpollDataOffset => EpollEventSize - 8;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSockName(int fd, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSockOpt(int fd, int level, int name, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, byte* ev);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int max, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int fd, MMsgHdr* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int fd, MMsgHdr* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "nanosleep", SetLastError = true)]
    public static partial int NanoSleep(TimeSpec* requested, TimeSpec* remaining);
}
