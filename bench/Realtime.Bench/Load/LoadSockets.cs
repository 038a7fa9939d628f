using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Realtime.Media.Core;
using Realtime.Media.Transport;

namespace Realtime.Bench.Load;

/// <summary>
/// One UDP socket per client, as many as they are, read by one thread through epoll and recvmmsg with UDP_GRO. Datagrams carry the kernel's
/// time of arrival, so that what this process takes to look at them is no part of the latency.
/// </summary>
sealed unsafe class LoadSockets : IDisposable
{
    const int Batch = 32;
    const int MaxReady = 256;
    const int BufferLength = 65536;
    const int ControlLength = 64;
    const int SocketBufferBytes = 4 << 20;
    const int SoTimestampNs = 35;

    readonly int epoll = Check(LinuxSockets.EpollCreate(LinuxSockets.EpollCloexec), "epoll_create1");
    readonly byte* events = (byte*)NativeMemory.AllocZeroed(MaxReady * 16);
    readonly byte* buffers = (byte*)NativeMemory.Alloc(Batch * BufferLength);
    readonly byte* names = (byte*)NativeMemory.AllocZeroed(Batch * SocketAddress.MaxLength);
    readonly byte* controls = (byte*)NativeMemory.AllocZeroed(Batch * ControlLength);
    readonly LinuxSockets.IoVec* vectors = (LinuxSockets.IoVec*)NativeMemory.AllocZeroed(Batch * 2, (nuint)sizeof(LinuxSockets.IoVec));
    readonly LinuxSockets.MMsgHdr* messages = (LinuxSockets.MMsgHdr*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(LinuxSockets.MMsgHdr));
    readonly LinuxSockets.MMsgHdr* outgoing = (LinuxSockets.MMsgHdr*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(LinuxSockets.MMsgHdr));

    public LoadSockets()
    {
        for (var i = 0; i < Batch; i++)
        {
            vectors[i] = new LinuxSockets.IoVec { Base = buffers + (i * BufferLength), Length = BufferLength };
            ref var header = ref messages[i].Header;
            header.Iov = &vectors[i];
            header.IovLength = 1;
            header.Control = controls + (i * ControlLength);
        }
    }

    /// <summary>A socket on a port of the system's choice. Any thread may open one.</summary>
    public static int Open(out ushort port)
    {
        var fd = Check(LinuxSockets.Socket(LinuxSockets.AfInet, LinuxSockets.SockDgram | LinuxSockets.SockNonblock | LinuxSockets.SockCloexec, 0), "socket");
        Enlarge(fd, LinuxSockets.SoRcvBufForce, LinuxSockets.SoRcvBuf);
        Enlarge(fd, LinuxSockets.SoSndBufForce, LinuxSockets.SoSndBuf);
        var on = 1;
        Check(LinuxSockets.SetSockOpt(fd, LinuxSockets.SolUdp, LinuxSockets.UdpGro, &on, sizeof(int)), "UDP_GRO");
        Check(LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, SoTimestampNs, &on, sizeof(int)), "SO_TIMESTAMPNS");
        Span<byte> any = stackalloc byte[SocketAddress.MaxLength];
        var length = (uint)SocketAddress.Write(NetAddress.FromIPv4(0, 0), LinuxSockets.AfInet, any);
        fixed (byte* address = any)
        {
            Check(LinuxSockets.Bind(fd, address, length), "bind");
            length = SocketAddress.MaxLength;
            Check(LinuxSockets.GetSockName(fd, address, &length), "getsockname");
        }

        port = SocketAddress.Read(any).Port;
        return fd;
    }

    public static void Close(int fd) => LinuxSockets.Close(fd);

    /// <summary>From now on <see cref="Wait"/> tells of it.</summary>
    public void Watch(int fd)
    {
        Span<byte> ev = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(ev, LinuxSockets.EpollIn);
        BinaryPrimitives.WriteInt32LittleEndian(ev[LinuxSockets.EpollDataOffset..], fd);
        fixed (byte* bytes = ev) Check(LinuxSockets.EpollControl(epoll, LinuxSockets.EpollCtlAdd, fd, bytes), "epoll_ctl");
    }

    /// <summary>Waits until something has come, at most so long; returns how many sockets have something.</summary>
    public int Wait(int milliseconds) => Math.Max(0, LinuxSockets.EpollWait(epoll, events, MaxReady, milliseconds));

    /// <summary>Socket <paramref name="i"/> of the last <see cref="Wait"/>.</summary>
    public int Ready(int i) => *(int*)(events + (i * LinuxSockets.EpollEventSize) + LinuxSockets.EpollDataOffset);

    /// <summary>Takes what is there, at most one batch, without waiting; returns how many messages.</summary>
    public int Fill(int fd)
    {
        for (var i = 0; i < Batch; i++) messages[i].Header.ControlLength = ControlLength;
        return Math.Max(0, LinuxSockets.ReceiveMany(fd, messages, Batch, LinuxSockets.MsgDontWait, null));
    }

    /// <summary>Message <paramref name="i"/> of the last <see cref="Fill"/>.</summary>
    /// <param name="arrivedAt">Unix nanoseconds, by the kernel.</param>
    /// <param name="segment">Length of each datagram of a train; all of it for a single one.</param>
    public Span<byte> Message(int i, out long arrivedAt, out int segment)
    {
        ref var message = ref messages[i];
        arrivedAt = 0;
        segment = (int)message.Length;
        var control = message.Header.Control;
        var end = control + message.Header.ControlLength;
        while (end - control >= sizeof(LinuxSockets.ControlHeader))
        {
            var head = (LinuxSockets.ControlHeader*)control;
            if (head->Length < (nuint)sizeof(LinuxSockets.ControlHeader)) break;
            if (head->Level == LinuxSockets.SolSocket && head->Type == SoTimestampNs) arrivedAt = (((long*)(head + 1))[0] * 1_000_000_000) + ((long*)(head + 1))[1];
            else if (head->Level == LinuxSockets.SolUdp && head->Type == LinuxSockets.UdpGro) segment = *(int*)(head + 1);
            control += (head->Length + 7) & ~(nuint)7;
        }

        return new Span<byte>(vectors[i].Base, (int)message.Length);
    }

    /// <summary>Sends the outbox, one datagram a message as browsers do, and clears it.</summary>
    public void Send(int fd, Outbox outbox)
    {
        var entries = outbox.Entries;
        fixed (byte* slab = outbox.Slab)
        {
            for (var first = 0; first < entries.Length; first += Batch)
            {
                var count = Math.Min(Batch, entries.Length - first);
                for (var i = 0; i < count; i++) Prepare(i, entries[first + i], slab);
                SendBatch(fd, count);
            }
        }

        outbox.Clear();
    }

    public void Dispose()
    {
        LinuxSockets.Close(epoll);
        NativeMemory.Free(events);
        NativeMemory.Free(buffers);
        NativeMemory.Free(names);
        NativeMemory.Free(controls);
        NativeMemory.Free(vectors);
        NativeMemory.Free(messages);
        NativeMemory.Free(outgoing);
    }

    void Prepare(int i, in Outbox.Entry entry, byte* slab)
    {
        var name = names + (i * SocketAddress.MaxLength);
        ref var header = ref outgoing[i].Header;
        header.Name = name;
        header.NameLength = (uint)SocketAddress.Write(entry.To, LinuxSockets.AfInet, new Span<byte>(name, SocketAddress.MaxLength));
        var vector = vectors + Batch + i;
        *vector = new LinuxSockets.IoVec { Base = slab + entry.Offset, Length = (nuint)entry.Length };
        header.Iov = vector;
        header.IovLength = 1;
    }

    void SendBatch(int fd, int count)
    {
        var sent = 0;
        while (sent < count)
        {
            var n = LinuxSockets.SendMany(fd, outgoing + sent, (uint)(count - sent), LinuxSockets.MsgNoSignal);
            if (n > 0)
            {
                sent += n;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == LinuxSockets.EIntr) continue;
            if (error != LinuxSockets.EAgain) throw new Win32Exception(error, "sendmmsg failed");
            var poll = new LinuxSockets.PollFd { Fd = fd, Events = LinuxSockets.PollOut };
            if (LinuxSockets.Poll(&poll, 1, 1000) != 1) throw new TimeoutException("The generator's socket takes nothing any more.");
        }
    }

    /// <summary>Beyond the system's limit where that is allowed, up to it where not.</summary>
    static void Enlarge(int fd, int force, int polite)
    {
        var size = SocketBufferBytes;
        if (LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, force, &size, sizeof(int)) != 0) LinuxSockets.SetSockOpt(fd, LinuxSockets.SolSocket, polite, &size, sizeof(int));
    }

    static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");
}
