using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The sending half of a port. Per destination, datagrams of equal size (the last may be shorter) become one UDP_SEGMENT message
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
    const int ControlLength = 24;
    const int FullBufferWaitMs = 2;

    readonly int fd;
    readonly int family;
    readonly DestinationRuns runs;
    readonly byte* names = (byte*)NativeMemory.AllocZeroed(MaxMessages * SocketAddress.MaxLength);
    readonly byte* controls = (byte*)NativeMemory.AllocZeroed(MaxMessages * ControlLength);
    readonly LinuxSockets.IoVec* vectors = (LinuxSockets.IoVec*)NativeMemory.AllocZeroed(MaxVectors, (nuint)sizeof(LinuxSockets.IoVec));
    readonly LinuxSockets.MMsgHdr* messages = (LinuxSockets.MMsgHdr*)NativeMemory.AllocZeroed(MaxMessages, (nuint)sizeof(LinuxSockets.MMsgHdr));
    readonly UdpPortCounters counters;

    int messageCount;
    int vectorCount;

    public UdpSender(int fd, int family, int maxDatagrams, UdpPortCounters counters)
    {
        this.fd = fd;
        this.family = family;
        this.counters = counters;
        runs = new DestinationRuns(maxDatagrams);
    }

    /// <summary>False once the kernel or the network device refused segmented sends.</summary>
    public bool SegmentationWorks { get; private set; } = true;

    public void Send(Outbox outbox)
    {
        if (outbox.Count == 0) return;
        var entries = outbox.Entries;
        runs.Build(entries);
        fixed (byte* slab = outbox.Slab)
        {
            for (var d = 0; d < runs.Destinations; d++)
            {
                for (var i = runs.First(d); i >= 0;) i = AddMessage(entries, i, slab);
            }

            Flush();
        }
    }

    /// <summary>Adds one message that starts with entry <paramref name="i"/>; returns the first entry that did not fit in it.</summary>
    int AddMessage(ReadOnlySpan<Outbox.Entry> entries, int i, byte* slab)
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
        header.Control = null;
        header.ControlLength = 0;
        if (vectorCount - first > 1) SetSegment(ref header, controls + (message * ControlLength), segment);
        messageCount++;
        return i;
    }

    static void SetSegment(ref LinuxSockets.MsgHdr header, byte* control, int segment)
    {
        var head = (LinuxSockets.ControlHeader*)control;
        head->Length = (nuint)sizeof(LinuxSockets.ControlHeader) + sizeof(ushort);
        head->Level = LinuxSockets.SolUdp;
        head->Type = LinuxSockets.UdpSegment;
        *(ushort*)(head + 1) = (ushort)segment;
        header.Control = control;
        header.ControlLength = ControlLength;
    }

    void Flush()
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

            if (messages[sent].Header.ControlLength > 0 && error is LinuxSockets.EIo or LinuxSockets.EInval or LinuxSockets.EMsgSize)
            {
                // EIO: the device cannot checksum segments; EINVAL: the kernel or the path's MTU refuses them. One by one then.
                if (error != LinuxSockets.EMsgSize) SegmentationWorks = false;
                SendUnsegmented(ref messages[sent].Header);
                sent++;
                continue;
            }

            // No route, a firewall, an ICMP error of an earlier send: this destination's matter alone.
            counters.SendErrors += (long)messages[sent].Header.IovLength;
            sent++;
        }

        messageCount = vectorCount = 0;
    }

    void SendUnsegmented(ref LinuxSockets.MsgHdr run)
    {
        LinuxSockets.MMsgHdr single = default;
        single.Header.Name = run.Name;
        single.Header.NameLength = run.NameLength;
        single.Header.IovLength = 1;
        for (nuint v = 0; v < run.IovLength; v++)
        {
            single.Header.Iov = run.Iov + v;
            if (LinuxSockets.SendMany(fd, &single, 1, LinuxSockets.MsgNoSignal) == 1) CountSent(ref single);
            else counters.SendErrors++;
        }
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
