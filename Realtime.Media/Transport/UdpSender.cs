using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The sending half of a UDP socket. Per destination, datagrams of equal size (the last may be shorter) become one UDP_SEGMENT message
/// whose scatter list points into the outbox's slab; messages leave by sendmmsg. A full socket buffer is waited for once, shortly,
/// then the rest is dropped and counted: media is better late never than late.
/// </summary>
internal sealed unsafe class UdpSender : IDisposable
{
    const int MaxMessages = 512;
    const int MaxVectors = 2048;
    /// <summary>UDP_MAX_SEGMENTS of kernels before 6.9 (128 since).</summary>
    const int MaxSegments = 64;
    /// <summary>The longest UDP payload over IPv4.</summary>
    const int MaxMessageBytes = 65507;
    const int SegmentControlLength = 24;
    const int ControlLength = SegmentControlLength + PacketInfo.MaxLength;
    const int FullBufferWaitMs = 2;

    readonly int fd;
    readonly int family;
    readonly LocalAddresses addresses;
    readonly byte* names = (byte*)NativeMemory.AllocZeroed(MaxMessages * SocketAddress.MaxLength);
    readonly byte* controls = (byte*)NativeMemory.AllocZeroed(MaxMessages * ControlLength);
    readonly LinuxSockets.IoVec* vectors = (LinuxSockets.IoVec*)NativeMemory.AllocZeroed(MaxVectors, (nuint)sizeof(LinuxSockets.IoVec));
    readonly LinuxSockets.MMsgHdr* messages = (LinuxSockets.MMsgHdr*)NativeMemory.AllocZeroed(MaxMessages, (nuint)sizeof(LinuxSockets.MMsgHdr));
    readonly EdgeCounters counters;

    int messageCount;
    int vectorCount;

    public UdpSender(int fd, int family, LocalAddresses addresses, EdgeCounters counters)
    {
        this.fd = fd;
        this.family = family;
        this.addresses = addresses;
        this.counters = counters;
    }

    /// <summary>False once the kernel or the network device refused segmented sends.</summary>
    public bool SegmentationWorks { get; private set; } = true;

    /// <summary>Queues one destination's datagrams; they leave with <see cref="Flush"/> at the latest.</summary>
    /// <param name="slab">The outbox's, which stays where it is until then.</param>
    public void Add(ReadOnlySpan<Outbox.Entry> entries, DestinationRuns runs, int destination, byte* slab)
    {
        for (var i = runs.First(destination); i >= 0;) i = AddMessage(entries, runs, i, slab);
    }

    /// <summary>Adds one message that starts with entry <paramref name="i"/>; returns the first entry that did not fit in it.</summary>
    int AddMessage(ReadOnlySpan<Outbox.Entry> entries, DestinationRuns runs, int i, byte* slab)
    {
        if (messageCount == MaxMessages || vectorCount + MaxSegments > MaxVectors) Flush();
        var message = messageCount;
        var name = names + (message * SocketAddress.MaxLength);
        var nameLength = SocketAddress.Write(entries[i].To, family, new Span<byte>(name, SocketAddress.MaxLength));
        if (nameLength == 0)
        {
            counters.SendErrors++;
            return runs.Next(i);
        }

        var segment = entries[i].Length;
        var local = entries[i].To.Connection;
        var first = vectorCount;
        var total = 0;
        var limit = SegmentationWorks ? MaxSegments : 1;
        do
        {
            ref readonly var entry = ref entries[i];
            vectors[vectorCount++] = new LinuxSockets.IoVec { Base = slab + entry.Offset, Length = (nuint)entry.Length };
            total += entry.Length;
            i = runs.Next(i);
            if (entry.Length < segment) break;
        }
        while (i >= 0 && vectorCount - first < limit && entries[i].Length <= segment && total + entries[i].Length <= MaxMessageBytes);

        ref var header = ref messages[message].Header;
        header.Name = name;
        header.NameLength = (uint)nameLength;
        header.Iov = &vectors[first];
        header.IovLength = (nuint)(vectorCount - first);
        SetControl(ref header, controls + (message * ControlLength), vectorCount - first > 1 ? segment : 0, local);
        messageCount++;
        return i;
    }

    /// <param name="segment">0: not segmented.</param>
    /// <param name="local">Below 0: the number of the address to leave from.</param>
    void SetControl(ref LinuxSockets.MsgHdr header, byte* control, int segment, int local)
    {
        header.Control = control;
        header.ControlLength = 0;
        if (segment > 0)
        {
            var head = (LinuxSockets.ControlHeader*)control;
            head->Length = (nuint)sizeof(LinuxSockets.ControlHeader) + sizeof(ushort);
            head->Level = LinuxSockets.SolUdp;
            head->Type = LinuxSockets.UdpSegment;
            *(ushort*)(head + 1) = (ushort)segment;
            header.ControlLength = SegmentControlLength;
        }

        if (local < 0 && addresses.TryGet(local, out var from))
            header.ControlLength += (nuint)PacketInfo.Write(control + header.ControlLength, family, from);
        if (header.ControlLength == 0) header.Control = null;
    }

    public void Flush()
    {
        var sent = 0;
        var waited = false;
        while (sent < messageCount)
        {
            var n = LinuxSockets.SendMany(fd, messages + sent, (uint)(messageCount - sent), LinuxSockets.MsgNoSignal);
            if (n > 0)
            {
                for (var m = sent; m < sent + n; m++) CountSent(ref messages[m]);
                sent += n;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == LinuxSockets.EIntr) continue;
            if (error == LinuxSockets.EAgain)
            {
                if (!waited && WaitWritable())
                {
                    waited = true;
                    continue;
                }

                for (; sent < messageCount; sent++) counters.SendBufferDrops += (long)messages[sent].Header.IovLength;
                break;
            }

            if (messages[sent].Header.IovLength > 1 && error is LinuxSockets.EIo or LinuxSockets.EInval or LinuxSockets.EMsgSize)
            {
                // EIO: the device cannot checksum segments; EINVAL: the kernel refuses them; EMSGSIZE: this path's MTU does. One by one
                // then, and when that works for good, save for the path's case.
                if (TrySendUnsegmented(ref messages[sent].Header) && error != LinuxSockets.EMsgSize) SegmentationWorks = false;
                sent++;
                continue;
            }

            // No route, a firewall, an ICMP error of an earlier send: this destination's matter alone.
            counters.SendErrors += (long)messages[sent].Header.IovLength;
            sent++;
        }

        messageCount = vectorCount = 0;
    }

    bool TrySendUnsegmented(ref LinuxSockets.MsgHdr run)
    {
        var local = run.ControlLength > SegmentControlLength;
        LinuxSockets.MMsgHdr single = default;
        single.Header.Name = run.Name;
        single.Header.NameLength = run.NameLength;
        single.Header.IovLength = 1;
        single.Header.Control = local ? run.Control + SegmentControlLength : null;
        single.Header.ControlLength = local ? run.ControlLength - SegmentControlLength : 0;
        var works = false;
        for (nuint v = 0; v < run.IovLength; v++)
        {
            single.Header.Iov = run.Iov + v;
            if (LinuxSockets.SendMany(fd, &single, 1, LinuxSockets.MsgNoSignal) == 1)
            {
                CountSent(ref single);
                works = true;
            }
            else
            {
                counters.SendErrors++;
            }
        }

        return works;
    }

    void CountSent(ref LinuxSockets.MMsgHdr message)
    {
        counters.SentMessages++;
        counters.SentDatagrams += (long)message.Header.IovLength;
        counters.SentBytes += message.Length;
    }

    bool WaitWritable()
    {
        var poll = new LinuxSockets.PollFd { Fd = fd, Events = LinuxSockets.PollOut };
        return LinuxSockets.Poll(&poll, 1, FullBufferWaitMs) == 1;
    }

    public void Dispose()
    {
        NativeMemory.Free(names);
        NativeMemory.Free(controls);
        NativeMemory.Free(vectors);
        NativeMemory.Free(messages);
    }
}
