using System.Net;
using System.Net.Sockets;
using Realtime.Media.Core;
using Realtime.Media.Ice;

namespace Realtime.Media.Transport;

/// <summary>
/// The node's passive ICE-TCP port (RFC 6544): accepts, reads each connection's first frame and not a byte more, and hands the connection to whom its
/// STUN username names. Until then a connection is a stranger's, bounded in number, per address, in bytes and in time
/// (<see cref="TcpLimits"/>); what breaks a bound is closed and counted. Driven by one thread, on every platform.
/// </summary>
/// <param name="handOver">Takes the local ufrag and the connection; false: nobody's, or its worker takes no more.</param>
public sealed class IceTcpListener(IPEndPoint bind, TcpLimits limits, Func<UfragKey, TcpHandover, bool> handOver) : IDisposable
{
    const int ListenBacklog = 512;
    const int AcceptsPerTurn = 64;

    /// <summary>Out of descriptors or memory: trying again at once would only spin.</summary>
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    readonly Socket listener = Listen(bind);
    readonly List<PendingConnection> pending = [];
    readonly List<Socket> readable = [];
    Instant acceptsAgainAt = Instant.Zero;

    public int LocalPort => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public IceTcpListenerCounters Counters { get; } = new();

    /// <summary>Waits at most so long for something to do, and does it.</summary>
    public void Turn(TimeSpan patience)
    {
        var now = MonotonicClock.Now;
        readable.Clear();
        if (now >= acceptsAgainAt) readable.Add(listener);
        foreach (var connection in pending) readable.Add(connection.Socket);
        if (readable.Count == 0)
        {
            // Only while accepting fails: nothing else can happen until then.
            listener.Poll(PauseAfterFailure, SelectMode.SelectError);
            return;
        }

        Socket.Select(readable, null, null, patience);
        now = MonotonicClock.Now;
        // Before new ones come: the list's order is by age.
        for (var i = pending.Count - 1; i >= 0; i--) Serve(now, pending[i]);
        if (readable.Contains(listener)) Accept(now);
        Counters.Pending = pending.Count;
    }

    public void Dispose()
    {
        listener.Dispose();
        foreach (var connection in pending) connection.Socket.Dispose();
        pending.Clear();
    }

    static Socket Listen(IPEndPoint bind)
    {
        var both = bind.Address.Equals(IPAddress.IPv6Any);
        if (both && !Socket.OSSupportsIPv6) bind = new IPEndPoint(IPAddress.Any, bind.Port);
        var socket = new Socket(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            if (both && Socket.OSSupportsIPv6) socket.DualMode = true;
            // On Windows the option means something else: there a port is free again at once.
            if (!OperatingSystem.IsWindows()) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(bind);
            socket.Listen(ListenBacklog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    void Accept(Instant now)
    {
        for (var i = 0; i < AcceptsPerTurn; i++)
        {
            Socket socket;
            NetAddress remote;
            try
            {
                socket = listener.Accept();
                remote = NetAddress.From((IPEndPoint)socket.RemoteEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                return;
            }
            catch (SocketException)
            {
                // The client gave up, or the process is out of descriptors; the second would come back at once.
                Counters.AcceptErrors++;
                acceptsAgainAt = now + PauseAfterFailure;
                return;
            }

            Counters.Accepted++;
            Admit(now, socket, remote);
        }
    }

    void Admit(Instant now, Socket socket, in NetAddress remote)
    {
        var source = SourceOf(remote);
        var sameSource = 0;
        foreach (var other in pending) sameSource += other.Source == source ? 1 : 0;
        if (sameSource >= limits.PendingPerAddress)
        {
            Counters.RefusedPerAddress++;
            socket.Dispose();
            return;
        }

        if (pending.Count >= limits.Pending)
        {
            // A flood from many addresses must not keep those out who say at once what they want.
            Counters.Evicted++;
            Drop(pending[0]);
        }

        socket.Blocking = false;
        pending.Add(new PendingConnection(socket, remote, source, now + limits.FirstFrameWithin));
    }

    void Serve(Instant now, PendingConnection connection)
    {
        var outcome = readable.Contains(connection.Socket) ? connection.Read() : PendingState.Waiting;
        if (outcome == PendingState.Whole)
        {
            var frame = connection.TakeFrame();
            if (StunMessage.TryReadLocalUfrag(frame.AsSpan(StreamFraming.HeaderLength), out var ufrag)
                && handOver(ufrag, new TcpHandover(connection.Socket, connection.Remote, frame)))
            {
                Counters.HandedOver++;
                pending.Remove(connection);
                return;
            }

            outcome = PendingState.Hopeless;
        }

        if (outcome == PendingState.Waiting && now < connection.GiveUpAt) return;
        if (outcome == PendingState.Hopeless) Counters.Refused++;
        else Counters.TimedOut++;
        Drop(connection);
    }

    void Drop(PendingConnection connection)
    {
        connection.Socket.Dispose();
        pending.Remove(connection);
    }

    /// <summary>An IPv4 address, or an IPv6 /64: who has one address of it has them all.</summary>
    static (ulong, ulong) SourceOf(in NetAddress address) => (address.High, address.IsIPv4 ? address.Low : 0);
}
