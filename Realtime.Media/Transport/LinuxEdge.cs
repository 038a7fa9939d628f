using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The edge of production: epoll, recvmmsg with UDP_GRO, sendmmsg with UDP_SEGMENT. Under a flood of input, and only then, a wait first lets up to a
/// millisecond of packets gather. Allocates nothing once its connections are there.
/// </summary>
public sealed unsafe class LinuxEdge : IMediaEdge
{
    const long GatherNanoseconds = 1_000_000;
    const long RestNanoseconds = 250_000;
    const int IdleWaitMs = 1000;
    /// <summary>Batches per turn: a flood must not keep timers and commands waiting.</summary>
    const int MaxBatchesPerTurn = 8;

    // Of epoll; TCP connections have theirs, from 1 on.
    const long UdpNumber = 0, WakeNumber = -1;

    readonly Epoll epoll = new();
    readonly WakeSignal wake = new();
    readonly LocalAddresses addresses = new(LocalAddresses.OfThisMachine());
    readonly DestinationRuns runs;
    readonly TcpConnections tcp;
    readonly LinuxUdpSocket? udp;
    readonly UdpReceiver? receiver;
    readonly UdpSender? sender;
    LoadMeter load;
    int batches;

    public LinuxEdge(EdgeOptions options)
    {
        runs = new DestinationRuns(options.MaxDatagrams);
        tcp = new TcpConnections(options.Tcp, Counters, WatchWritable);
        epoll.Add(wake.Descriptor, WakeNumber);
        if (options.Udp is null) return;
        udp = new LinuxUdpSocket(options.Udp);
        epoll.Add(udp.Descriptor, UdpNumber);
        receiver = new UdpReceiver(udp.Descriptor, addresses);
        sender = new UdpSender(udp.Descriptor, udp.Family, addresses, Counters);
    }

    public EdgeCounters Counters { get; } = new();

    public int UdpPort => udp?.LocalPort ?? 0;

    /// <summary>-1 without UDP.</summary>
    internal int UdpDescriptor => udp?.Descriptor ?? -1;

    public bool SegmentationWorks => sender?.SegmentationWorks ?? false;

    public bool IsLoaded => load.IsLoaded;

    public void Wait(Instant now, Instant deadline)
    {
        load.Measure(now, Counters);
        tcp.Sweep(now);
        batches = 0;
        var left = deadline.IsNever ? IdleWaitMs * 1_000_000L : Math.Clamp(deadline.Nanoseconds - now.Nanoseconds, 0, IdleWaitMs * 1_000_000L);
        if (load.IsFlooded)
        {
            var gathered = Math.Min(GatherNanoseconds, left);
            Sleep(gathered);
            left -= gathered;
        }

        // Rounded up: waking a fraction early would only spin until the deadline.
        Poll((int)((left + 999_999) / 1_000_000));
    }

    public void Rest()
    {
        Sleep(RestNanoseconds);
        Poll(0);
    }

    public bool TryReceive(out NetAddress from, out Span<byte> datagram)
    {
        if (!TryReceiveUdp(out from, out datagram) && !tcp.TryReceive(out from, out datagram)) return false;
        Counters.ReceivedDatagrams++;
        Counters.ReceivedBytes += datagram.Length;
        return true;
    }

    public void Flush(Outbox outbox)
    {
        if (outbox.Count == 0) return;
        var entries = outbox.Entries;
        runs.Build(entries);
        fixed (byte* slab = outbox.Slab)
        {
            for (var d = 0; d < runs.Destinations; d++)
            {
                if (entries[runs.First(d)].To.IsTcp) tcp.Send(outbox, runs, d);
                else if (sender is not null) sender.Add(entries, runs, d, slab);
                else Counters.SendErrors++;
            }

            sender?.Flush();
        }

        outbox.Clear();
    }

    public void Adopt(Instant now, TcpHandover handover)
    {
        if (tcp.Adopt(now, handover) is { } connection) epoll.Add(connection.Descriptor, connection.Number);
    }

    public void Close(in NetAddress connection) => tcp.Close(connection);

    public void CloseConnections() => tcp.CloseAll();

    public bool TryTakeClosed(out NetAddress connection) => tcp.TryTakeClosed(out connection);

    public void Wake() => wake.Set();

    public void Dispose()
    {
        tcp.CloseAll();
        udp?.Dispose();
        wake.Dispose();
        epoll.Dispose();
        receiver?.Dispose();
        sender?.Dispose();
    }

    bool TryReceiveUdp(out NetAddress from, out Span<byte> datagram)
    {
        if (receiver is null)
        {
            from = default;
            datagram = default;
            return false;
        }

        while (!receiver.TryNext(out from, out datagram))
        {
            if (batches >= MaxBatchesPerTurn || !receiver.TryFill()) return false;
            batches++;
        }

        return true;
    }

    void Poll(int timeoutMs)
    {
        var ready = epoll.Wait(timeoutMs);
        for (var i = 0; i < ready; i++)
        {
            var (number, readable, writable) = epoll.Ready(i);
            if (number == WakeNumber) wake.Reset();
            else if (number != UdpNumber) tcp.MarkReady((int)number, readable, writable);
        }
    }

    void WatchWritable(TcpConnection connection) => epoll.Change(connection.Descriptor, connection.Number, connection.HasBacklog);

    static void Sleep(long nanoseconds)
    {
        if (nanoseconds <= 0) return;
        var time = new LinuxSockets.TimeSpec { Nanoseconds = nanoseconds };
        // Interrupted: a shorter sleep, nothing lost.
        LinuxSockets.NanoSleep(&time, null);
    }
}
