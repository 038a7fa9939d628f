using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// One UDP socket, driven by one thread: wait (epoll) until a datagram, a wake-up or a deadline; take datagrams one by one; send
/// an outbox. Under load, and only then, a wait lets up to a millisecond of packets gather, which is what makes bursts
/// (<see cref="CoalesceAbove"/>). Allocates nothing after construction.
/// </summary>
public sealed unsafe class UdpPort : IDisposable
{
    /// <summary>Datagrams per second, both ways, above which waiting for company pays.</summary>
    const int CoalesceAbove = 5000;
    const long CoalesceNanoseconds = 1_000_000;
    const long LoadWindowNanoseconds = 20_000_000;
    const int SocketBufferBytes = 8 << 20;
    /// <summary>Batches per turn: a flood must not keep timers and commands waiting.</summary>
    const int MaxBatchesPerTurn = 8;

    readonly int fd;
    readonly int epoll;
    readonly WakeSignal wake;
    readonly UdpReceiver receiver;
    readonly UdpSender sender;
    readonly byte[] events;
    int batches;
    Instant loadWindowEnd;
    long loadWindowStart;
    bool loaded;

    /// <param name="bind">Address to listen on; <c>::</c> takes IPv4 and IPv6, and falls back to IPv4 where IPv6 is off. Port 0: the system chooses.</param>
    public UdpPort(IPEndPoint bind, WakeSignal wake, int maxDatagrams)
    {
        this.wake = wake;
        fd = OpenAndBind(bind, out var family);
        EnlargeBuffers();
        var on = 1;
        // Refused by kernels before 5.0: then datagrams simply come one by one.
        LinuxSockets.SetSockOpt(fd, LinuxSockets.SolUdp, LinuxSockets.UdpGro, &on, sizeof(int));
        epoll = Check(LinuxSockets.EpollCreate(LinuxSockets.EpollCloexec), "epoll_create1");
        events = GC.AllocateArray<byte>(LinuxSockets.EpollEventSize * 2, pinned: true);
        Watch(fd);
        Watch(wake.Descriptor);
        receiver = new UdpReceiver(fd);
        sender = new UdpSender(fd, family, maxDatagrams, Counters);
        LocalPort = ReadLocalPort();
    }

    public UdpPortCounters Counters { get; } = new();

    public int LocalPort { get; }

    public bool SegmentationWorks => sender.SegmentationWorks;

    /// <summary>Waits for a datagram, a wake-up or <paramref name="deadline"/>, whichever comes first.</summary>
    public void Wait(Instant now, Instant deadline)
    {
        MeasureLoad(now);
        batches = 0;
        if (loaded) Gather(Math.Min(CoalesceNanoseconds, Math.Max(0, deadline.Nanoseconds - now.Nanoseconds)));
        // Rounded up: waking a fraction early would only spin until the deadline.
        var timeout = deadline.IsNever ? 1000 : (int)Math.Clamp((deadline.Nanoseconds - now.Nanoseconds + 999_999) / 1_000_000, 0, 1000);
        fixed (byte* buffer = events)
        {
            var n = LinuxSockets.EpollWait(epoll, buffer, 2, loaded ? Math.Max(0, timeout - 1) : timeout);
            for (var i = 0; i < n; i++)
            {
                if (*(int*)(buffer + (i * LinuxSockets.EpollEventSize) + LinuxSockets.EpollDataOffset) == wake.Descriptor) wake.Reset();
            }
        }
    }

    /// <summary>The next datagram that is there now; its bytes are valid, and writable, until the next call. False ends the turn.</summary>
    public bool TryReceive(out NetAddress from, out Span<byte> datagram)
    {
        while (!receiver.TryNext(out from, out datagram))
        {
            if (batches++ == MaxBatchesPerTurn || !receiver.TryFill()) return false;
        }

        Counters.ReceivedDatagrams++;
        Counters.ReceivedBytes += datagram.Length;
        return true;
    }

    /// <summary>Sends everything and clears the outbox.</summary>
    public void Flush(Outbox outbox)
    {
        sender.Send(outbox);
        outbox.Clear();
    }

    public void Dispose()
    {
        LinuxSockets.Close(fd);
        LinuxSockets.Close(epoll);
        receiver.Dispose();
        sender.Dispose();
    }

    void MeasureLoad(Instant now)
    {
        if (now < loadWindowEnd) return;
        var total = Counters.ReceivedDatagrams + Counters.SentDatagrams;
        var elapsed = now.Nanoseconds - loadWindowEnd.Nanoseconds + LoadWindowNanoseconds;
        loaded = (total - loadWindowStart) * 1_000_000_000L / elapsed > CoalesceAbove;
        loadWindowStart = total;
        loadWindowEnd = new Instant(now.Nanoseconds + LoadWindowNanoseconds);
    }

    static void Gather(long nanoseconds)
    {
        if (nanoseconds <= 0) return;
        var time = new LinuxSockets.TimeSpec { Nanoseconds = nanoseconds };
        // Interrupted: a shorter gathering, nothing lost.
        LinuxSockets.NanoSleep(&time, null);
    }

    static int OpenAndBind(IPEndPoint bind, out int family)
    {
        const int type = LinuxSockets.SockDgram | LinuxSockets.SockNonblock | LinuxSockets.SockCloexec;
        family = bind.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? LinuxSockets.AfInet : LinuxSockets.AfInet6;
        var fd = LinuxSockets.Socket(family, type, 0);
        if (fd < 0 && family == LinuxSockets.AfInet6 && bind.Address.Equals(IPAddress.IPv6Any))
        {
            family = LinuxSockets.AfInet;
            bind = new IPEndPoint(IPAddress.Any, bind.Port);
            fd = LinuxSockets.Socket(family, type, 0);
        }

        Check(fd, "socket");
        if (family == LinuxSockets.AfInet6)
        {
            var off = 0;
            Check(LinuxSockets.SetSockOpt(fd, LinuxSockets.SolIpv6, LinuxSockets.Ipv6V6Only, &off, sizeof(int)), "IPV6_V6ONLY");
        }

        Span<byte> raw = stackalloc byte[SocketAddress.MaxLength];
        // NetAddress maps 0.0.0.0 to ::ffff:0.0.0.0, which an AF_INET socket writes back as 0.0.0.0.
        var length = SocketAddress.Write(NetAddress.From(bind), family, raw);
        fixed (byte* address = raw)
        {
            if (LinuxSockets.Bind(fd, address, (uint)length) == 0) return fd;
        }

        var error = Marshal.GetLastPInvokeError();
        LinuxSockets.Close(fd);
        throw new Win32Exception(error, $"UDP {bind} cannot be bound: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    void EnlargeBuffers()
    {
        var size = SocketBufferBytes;
        // The FORCE variants need CAP_NET_ADMIN; without it the system's maximum applies.
        if (LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, LinuxSockets.SoRcvBufForce, &size, sizeof(int)) != 0)
        {
            LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, LinuxSockets.SoRcvBuf, &size, sizeof(int));
        }

        if (LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, LinuxSockets.SoSndBufForce, &size, sizeof(int)) != 0)
        {
            LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, LinuxSockets.SoSndBuf, &size, sizeof(int));
        }
    }

    void Watch(int descriptor)
    {
        Span<byte> raw = stackalloc byte[16];
        raw.Clear();
        fixed (byte* ev = raw)
        {
            *(uint*)ev = LinuxSockets.EpollIn;
            *(int*)(ev + LinuxSockets.EpollDataOffset) = descriptor;
            Check(LinuxSockets.EpollControl(epoll, LinuxSockets.EpollCtlAdd, descriptor, ev), "epoll_ctl");
        }
    }

    int ReadLocalPort()
    {
        Span<byte> raw = stackalloc byte[SocketAddress.MaxLength];
        var length = (uint)raw.Length;
        fixed (byte* address = raw) Check(LinuxSockets.GetSockName(fd, address, &length), "getsockname");
        return SocketAddress.Read(raw).Port;
    }

    static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");
}
