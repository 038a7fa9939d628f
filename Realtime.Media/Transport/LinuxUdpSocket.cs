using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>A non-blocking UDP socket, bound, with large buffers, UDP_GRO, and PKTINFO where it listens on more than one address.</summary>
internal sealed unsafe class LinuxUdpSocket : IDisposable
{
    const int BufferBytes = 8 << 20;

    /// <param name="bind">Address to listen on; <c>::</c> takes IPv4 and IPv6, and falls back to IPv4 where IPv6 is off. Port 0: the system chooses.</param>
    public LinuxUdpSocket(IPEndPoint bind)
    {
        Descriptor = OpenAndBind(bind, out var family);
        Family = family;
        EnlargeBuffers();
        var on = 1;
        // Refused by kernels before 5.0: then datagrams simply come one by one.
        LinuxSockets.SetSockOpt(Descriptor, LinuxSockets.SolUdp, LinuxSockets.UdpGro, &on, sizeof(int));
        if (bind.Address.Equals(IPAddress.Any) || bind.Address.Equals(IPAddress.IPv6Any)) PacketInfo.Enable(Descriptor, family);
        LocalPort = ReadLocalPort();
    }

    public int Descriptor { get; }

    /// <summary>AF_INET or AF_INET6.</summary>
    public int Family { get; }

    public int LocalPort { get; }

    public void Dispose() => LinuxSockets.Close(Descriptor);

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
        var size = BufferBytes;
        // The FORCE variants need CAP_NET_ADMIN; without it the system's maximum applies.
        if (LinuxSockets.SetSockOpt(Descriptor, LinuxSockets.SolSocket, LinuxSockets.SoRcvBufForce, &size, sizeof(int)) != 0)
        {
            LinuxSockets.SetSockOpt(Descriptor, LinuxSockets.SolSocket, LinuxSockets.SoRcvBuf, &size, sizeof(int));
        }

        if (LinuxSockets.SetSockOpt(Descriptor, LinuxSockets.SolSocket, LinuxSockets.SoSndBufForce, &size, sizeof(int)) != 0)
        {
            LinuxSockets.SetSockOpt(Descriptor, LinuxSockets.SolSocket, LinuxSockets.SoSndBuf, &size, sizeof(int));
        }
    }

    int ReadLocalPort()
    {
        Span<byte> raw = stackalloc byte[SocketAddress.MaxLength];
        var length = (uint)raw.Length;
        fixed (byte* address = raw) Check(LinuxSockets.GetSockName(Descriptor, address, &length), "getsockname");
        return SocketAddress.Read(raw).Port;
    }

    static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");
}
