using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// The edge for development on Windows and macOS: System.Net.Sockets on the worker's thread, one call per datagram. Bound to the wildcard, answers
/// leave from the address the route chooses. Waiting allocates; not for production.
/// </summary>
public sealed class PortableEdge : IMediaEdge
{
    const int IdleWaitMs = 1000;
    const int MaxDatagramsPerTurn = 256;
    const int BufferLength = 65536;
    const int UdpBufferBytes = 4 << 20;

    readonly Socket wake = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly Socket? udp;
    readonly System.Net.SocketAddress from;
    readonly System.Net.SocketAddress to;
    readonly byte[] buffer = new byte[BufferLength];
    readonly DestinationRuns runs;
    readonly TcpConnections tcp;
    readonly List<Socket> readable = [];
    readonly List<Socket> writable = [];
    readonly List<TcpConnection> watched = [];
    int received;

    public PortableEdge(EdgeOptions options)
    {
        runs = new DestinationRuns(options.MaxDatagrams);
        tcp = new TcpConnections(options.Tcp, Counters);
        wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        wake.Connect(wake.LocalEndPoint!);
        wake.Blocking = false;
        var bind = options.Udp ?? new IPEndPoint(IPAddress.Any, 0);
        if (bind.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6) bind = new IPEndPoint(IPAddress.Any, bind.Port);
        from = bind.Serialize();
        to = bind.Serialize();
        if (options.Udp is not null) udp = Open(bind);
    }

    public EdgeCounters Counters { get; } = new();

    public int UdpPort => udp is null ? 0 : ((IPEndPoint)udp.LocalEndPoint!).Port;

    public bool SegmentationWorks => false;

    public bool IsLoaded => false;

    public void Wait(Instant now, Instant deadline)
    {
        tcp.Sweep(now);
        received = 0;
        var left = deadline.IsNever ? TimeSpan.FromMilliseconds(IdleWaitMs) : deadline - now;
        Poll(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, IdleWaitMs)));
    }

    public void Rest() => Poll(TimeSpan.Zero);

    public bool TryReceive(out NetAddress sender, out Span<byte> datagram)
    {
        if (!TryReceiveUdp(out sender, out datagram) && !tcp.TryReceive(out sender, out datagram)) return false;
        Counters.ReceivedDatagrams++;
        Counters.ReceivedBytes += datagram.Length;
        return true;
    }

    public void Flush(Outbox outbox)
    {
        runs.Build(outbox.Entries);
        for (var d = 0; d < runs.Destinations; d++)
        {
            ref readonly var first = ref outbox.Entries[runs.First(d)];
            if (first.To.IsTcp) tcp.Send(outbox, runs, d);
            else if (udp is null || !TryWrite(first.To)) Counters.SendErrors++;
            else for (var i = runs.First(d); i >= 0; i = runs.Next(i)) Send(udp, outbox.Payload(outbox.Entries[i]));
        }

        outbox.Clear();
    }

    public void Adopt(Instant now, TcpHandover handover) => tcp.Adopt(now, handover);

    public void Close(in NetAddress connection) => tcp.Close(connection);

    public void CloseConnections() => tcp.CloseAll();

    public bool TryTakeClosed(out NetAddress connection) => tcp.TryTakeClosed(out connection);

    public void Wake()
    {
        try
        {
            wake.Send([1]);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            // Full of wake-ups: it will wake.
        }
        catch (ObjectDisposedException)
        {
            // The worker has stopped: there is nobody to wake.
        }
    }

    public void Dispose()
    {
        tcp.CloseAll();
        udp?.Dispose();
        wake.Dispose();
    }

    static Socket Open(IPEndPoint bind)
    {
        var socket = new Socket(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            if (bind.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.ReceiveBufferSize = socket.SendBufferSize = UdpBufferBytes;
            const int sioUdpConnReset = -1744830452;
            // Without it an ICMP answer to something sent earlier makes receiving fail, on Windows alone.
            if (OperatingSystem.IsWindows()) socket.IOControl(sioUdpConnReset, [0, 0, 0, 0], null);
            socket.Bind(bind);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    bool TryReceiveUdp(out NetAddress sender, out Span<byte> datagram)
    {
        sender = default;
        datagram = default;
        if (udp is null || received >= MaxDatagramsPerTurn) return false;
        try
        {
            if (!udp.Poll(0, SelectMode.SelectRead)) return false;
            var length = udp.ReceiveFrom(buffer, SocketFlags.None, from);
            received++;
            sender = Read(from);
            datagram = buffer.AsSpan(0, length);
            return true;
        }
        catch (SocketException)
        {
            // Longer than the buffer, or an ICMP answer to something sent earlier: none is this loop's business.
            return false;
        }
    }

    void Send(Socket socket, ReadOnlySpan<byte> datagram)
    {
        try
        {
            socket.SendTo(datagram, SocketFlags.None, to);
            Counters.SentMessages++;
            Counters.SentDatagrams++;
            Counters.SentBytes += datagram.Length;
        }
        catch (SocketException e)
        {
            if (e.SocketErrorCode is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable) Counters.SendBufferDrops++;
            else Counters.SendErrors++;
        }
    }

    void Poll(TimeSpan patience)
    {
        readable.Clear();
        writable.Clear();
        watched.Clear();
        readable.Add(wake);
        if (udp is not null) readable.Add(udp);
        foreach (var connection in tcp.All)
        {
            watched.Add(connection);
            readable.Add(connection.Socket);
            if (connection.HasBacklog) writable.Add(connection.Socket);
        }

        Socket.Select(readable, writable.Count > 0 ? writable : null, null, patience);
        if (readable.Contains(wake)) while (wake.Receive(buffer, SocketFlags.None, out _) > 0) { }
        foreach (var connection in watched)
        {
            var (canRead, canWrite) = (readable.Contains(connection.Socket), writable.Contains(connection.Socket));
            if (canRead || canWrite) tcp.MarkReady(connection.Number, canRead, canWrite);
        }
    }

    // Port at 2, then the address: at 4 for IPv4, at 8 for IPv6; on every system, whatever it calls the families.
    static NetAddress Read(System.Net.SocketAddress raw)
    {
        var bytes = raw.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return raw.Family == AddressFamily.InterNetwork
            ? NetAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port)
            : NetAddress.FromIPv6(bytes[8..24], port);
    }

    bool TryWrite(in NetAddress address)
    {
        var bytes = to.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], address.Port);
        if (to.Family == AddressFamily.InterNetwork)
        {
            if (!address.IsIPv4) return false;
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], address.IPv4);
            return true;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], address.Low);
        return true;
    }
}
