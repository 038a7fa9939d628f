using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Realtime.Client.Background;
using Realtime.Media.Core;

namespace Realtime.Client.Media;

/// <summary>
/// The edge of a <see cref="ClientPeer"/>: its UDP socket, its TCP connections and its clock. Whoever touches the peer does it here, under the lock. What is sent leaves at once: there is no
/// queue that could grow, and what the network does not take is lost, as on any network.
/// </summary>
sealed class MediaLoop : IAsyncDisposable
{
    /// <summary>A frame that is larger is none of a call.</summary>
    public const int MaxFrameBytes = 1 << 20;

    /// <summary>Finer than any source sends, and cheap.</summary>
    static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(5);

    /// <summary>First byte of a datagram (RFC 7983 §7).</summary>
    const byte LastOfStun = 3;

    const int SlabBytes = 2 << 20;
    const int MaxDatagrams = 2048;
    const int SocketBuffer = 1 << 20;
    const int MaxDatagram = 2048;

    /// <summary>More than any node has candidates.</summary>
    const int MaxDestinations = 64;

    readonly Lock _gate = new();
    readonly ClientPeer _peer;
    readonly Supervisor _supervisor;
    readonly Outbox _outbox = new(SlabBytes, MaxDatagrams);
    readonly Socket _socket;
    readonly Dictionary<NetAddress, SocketAddress> _destinations = [];
    readonly ConcurrentDictionary<NetAddress, TcpPath> _tcp = new();
    readonly CancellationTokenSource _ending;
    readonly Action<bool, bool> _looked;
    readonly Action<string> _keyFrameWanted;
    bool _disposed;

    /// <param name="looked">Hears at each tick whether the peer is connected, and whether it has ended; outside of the lock.</param>
    /// <param name="keyFrameWanted">Hears in which section a key frame is wanted; outside of the lock.</param>
    public MediaLoop(ClientPeer peer, Supervisor supervisor, IPAddress? source, Action<bool, bool> looked, Action<string> keyFrameWanted)
    {
        (_peer, _supervisor, _looked, _keyFrameWanted) = (peer, supervisor, looked, keyFrameWanted);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(supervisor.Ending);
        _socket = Open(source);
        supervisor.Start(_ => UntilDisposedAsync(ReceiveAsync));
        supervisor.Start(_ => UntilDisposedAsync(TickAsync));
    }

    static Instant Now => new(Stopwatch.GetElapsedTime(0).Ticks * 100);

    /// <summary>The peer, under the lock; what it says leaves at once.</summary>
    public T Use<T>(Func<ClientPeer, Instant, T> work)
    {
        lock (_gate)
        {
            var result = work(_peer, Now);
            if (!_disposed)
                Flush();
            return result;
        }
    }

    /// <summary>Sends a frame; false: there is no connection at the moment, and it is gone.</summary>
    public bool Write(MediaSection section, EncodedFrame frame) => Use((peer, now) => peer.Write(now, section, frame, _outbox));

    /// <summary>Says goodbye and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _peer.Close(_outbox);
            Flush();
            _disposed = true;
            _peer.Dispose();
        }
        await _ending.CancelAsync();
        _socket.Dispose();
        foreach (var path in _tcp.Values)
            path.Dispose();
    }

    static Socket Open(IPAddress? source)
    {
        var family = source?.AddressFamily ?? (Socket.OSSupportsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp) { SendBufferSize = SocketBuffer, ReceiveBufferSize = SocketBuffer };
        if (family == AddressFamily.InterNetworkV6)
            socket.DualMode = true;
        socket.Bind(new IPEndPoint(source ?? (family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any), 0));
        return socket;
    }

    async Task ReceiveAsync(CancellationToken cancellation)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(MaxDatagram, pinned: true);
        var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any, cancellation);
            Receive(NetAddress.From((IPEndPoint)received.RemoteEndPoint), buffer.AsSpan(0, received.ReceivedBytes));
        }
    }

    async Task TickAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_tick);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var (connected, ended, wanted) = Use((peer, now) =>
            {
                peer.Tick(now, _outbox);
                return (peer.IsConnected(now), peer.HasEnded, peer.TakeKeyFrameRequests());
            });
            foreach (var mid in wanted)
                _keyFrameWanted(mid);
            _looked(connected, ended);
        }
    }

    void Receive(NetAddress from, Span<byte> datagram)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _peer.Receive(Now, from, datagram, _outbox);
            Flush();
        }
    }

    void Flush()
    {
        foreach (ref readonly var entry in _outbox.Entries)
        {
            if (entry.To.IsTcp)
                SendTcp(entry.To, _outbox.Payload(entry));
            else
                SendUdp(entry.To, _outbox.Payload(entry));
        }
        _outbox.Clear();
    }

    void SendUdp(NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (!_destinations.TryGetValue(to, out var address))
        {
            if (_destinations.Count == MaxDestinations)
                _destinations.Clear();
            var endpoint = to.ToIPEndPoint();
            _destinations[to] = address = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? endpoint.Address.MapToIPv6() : endpoint.Address, endpoint.Port).Serialize();
        }
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, address);
        }
        catch (SocketException)
        {
            // No way there (no IPv6 here, say), or a full buffer: lost like any datagram. Checks find another way, or their silence is noticed.
            return;
        }
    }

    void SendTcp(NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (!_tcp.TryGetValue(to, out var path) || path.HasEnded)
        {
            // A connection begins with a check: by that the server knows whose it is.
            if (datagram[0] > LastOfStun)
                return;
            var begun = path = new TcpPath(to, received => Receive(to, received), _ending.Token);
            _tcp[to] = begun;
            _supervisor.Start(_ => begun.RunAsync());
        }
        path.Send(datagram);
    }

    async Task UntilDisposedAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_ending.Token);
        }
        catch (Exception exception) when (_ending.IsCancellationRequested && exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
            return;
        }
    }
}
