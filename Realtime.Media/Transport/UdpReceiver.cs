using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The receiving half of a port: recvmmsg into buffers allocated once, each able to hold the longest train of datagrams the kernel
/// coalesces (UDP_GRO), handed out one datagram at a time. A datagram's span is valid until the next call.
/// </summary>
internal sealed unsafe class UdpReceiver : IDisposable
{
    const int Batch = 32;
    const int BufferLength = 65536;
    /// <summary>UDP_GRO's segment size and one PKTINFO.</summary>
    const int ControlLength = 24 + PacketInfo.MaxLength;

    readonly int fd;
    readonly LocalAddresses addresses;
    readonly byte* buffers = (byte*)NativeMemory.Alloc(Batch * BufferLength);
    readonly byte* names = (byte*)NativeMemory.AllocZeroed(Batch * SocketAddress.MaxLength);
    readonly byte* controls = (byte*)NativeMemory.AllocZeroed(Batch * ControlLength);
    readonly LinuxSockets.IoVec* vectors = (LinuxSockets.IoVec*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(LinuxSockets.IoVec));
    readonly LinuxSockets.MMsgHdr* messages = (LinuxSockets.MMsgHdr*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(LinuxSockets.MMsgHdr));

    int received;
    int next;
    int offset;
    int segment;
    NetAddress sender;

    public UdpReceiver(int fd, LocalAddresses addresses)
    {
        this.fd = fd;
        this.addresses = addresses;
        for (var i = 0; i < Batch; i++)
        {
            vectors[i] = new LinuxSockets.IoVec { Base = buffers + (i * BufferLength), Length = BufferLength };
            messages[i].Header.Iov = &vectors[i];
            messages[i].Header.IovLength = 1;
            messages[i].Header.Name = names + (i * SocketAddress.MaxLength);
            messages[i].Header.Control = controls + (i * ControlLength);
        }
    }

    /// <summary>The next datagram of the batch; false when the batch is used up.</summary>
    public bool TryNext(out NetAddress from, out Span<byte> datagram)
    {
        while (next < received)
        {
            ref var message = ref messages[next];
            var length = (int)message.Length;
            if (offset >= length)
            {
                next++;
                offset = 0;
                continue;
            }

            if (offset == 0) ReadEnvelope(ref message.Header);
            var size = segment > 0 ? Math.Min(segment, length - offset) : length;
            from = sender;
            datagram = new Span<byte>(vectors[next].Base + offset, size);
            offset += size;
            return true;
        }

        from = default;
        datagram = default;
        return false;
    }

    /// <summary>Fills the batch from the socket without waiting; false when nothing was there.</summary>
    public bool TryFill()
    {
        next = offset = received = 0;
        for (var i = 0; i < Batch; i++)
        {
            messages[i].Header.NameLength = SocketAddress.MaxLength;
            messages[i].Header.ControlLength = ControlLength;
        }

        var n = LinuxSockets.ReceiveMany(fd, messages, Batch, LinuxSockets.MsgDontWait, null);
        // Errors here are EAGAIN, EINTR, or an ICMP answer to something sent earlier: none is this loop's business.
        if (n <= 0) return false;
        received = n;
        return true;
    }

    /// <summary>Once per message: a train of datagrams has one sender, one destination and one segment size.</summary>
    void ReadEnvelope(ref LinuxSockets.MsgHdr header)
    {
        segment = 0;
        sender = SocketAddress.Read(new ReadOnlySpan<byte>(header.Name, SocketAddress.MaxLength));
        var rest = (nint)header.ControlLength;
        for (var control = (byte*)header.Control; rest >= sizeof(LinuxSockets.ControlHeader);)
        {
            var head = (LinuxSockets.ControlHeader*)control;
            if (head->Length < (nuint)sizeof(LinuxSockets.ControlHeader)) break;
            if (head->Level == LinuxSockets.SolUdp && head->Type == LinuxSockets.UdpGro) segment = *(int*)(head + 1);
            else if (PacketInfo.TryRead(head, out var local)) sender = sender with { Connection = addresses.NumberOf(local, sender) };
            var step = ((nint)head->Length + 7) & ~7;
            control += step;
            rest -= step;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(buffers);
        NativeMemory.Free(names);
        NativeMemory.Free(controls);
        NativeMemory.Free(vectors);
        NativeMemory.Free(messages);
    }
}
