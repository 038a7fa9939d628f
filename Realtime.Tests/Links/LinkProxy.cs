using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Realtime.Tests.Media.Harness;

namespace Realtime.Tests.Links;

/// <summary>
/// A bad network in user space: clients send here, and what they send goes on to the server and back again late, out of order, or not at all, by the conditions of
/// each client's link, which may change while it runs. One thread, one socket for the clients, one towards the server for each of them, as a NAT has. Seeded: the same
/// datagrams at the same times have the same fate.
/// </summary>
sealed class LinkProxy : IDisposable
{
    const int MaxDatagram = 2048;
    const int MaxClients = 64;

    /// <summary>Longest sleep: how late a datagram may leave beyond its time.</summary>
    const int LookMicroseconds = 500;

    readonly Socket clientSide;
    readonly EndPoint target;
    readonly int seed;
    readonly ConcurrentDictionary<IPEndPoint, LinkClient> clients = [];
    readonly PriorityQueue<Flight, (long At, long Order)> flights = new();
    readonly byte[] buffer = new byte[MaxDatagram];
    readonly Thread thread;
    long order;
    volatile bool stopping;

    readonly record struct Flight(Instant At, LinkClient Client, bool IsDown, byte[] Datagram);

    /// <param name="listen">Where clients send: what the server announces.</param>
    public LinkProxy(IPEndPoint listen, IPEndPoint target, int seed)
    {
        (this.target, this.seed) = (target, seed);
        clientSide = Open(listen);
        thread = new Thread(Run) { IsBackground = true, Name = $"link {listen}" };
        thread.Start();
    }

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<LinkClient> Clients => [.. clients.Values.OrderBy(client => client.Number)];

    public void Dispose()
    {
        stopping = true;
        thread.Join();
        clientSide.Dispose();
        foreach (var client in clients.Values) client.Socket.Dispose();
    }

    void Run()
    {
        List<Socket> ready = [];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!stopping)
        {
            ready.Clear();
            ready.Add(clientSide);
            foreach (var client in clients.Values) ready.Add(client.Socket);
            Socket.Select(ready, null, null, LookMicroseconds);
            if (ready.Contains(clientSide))
            {
                while (TryReceive(clientSide, ref from, out var length))
                {
                    if (ClientOf((IPEndPoint)from) is { } client) Send(client, isDown: false, length);
                }
            }

            foreach (var client in clients.Values)
            {
                if (!ready.Contains(client.Socket)) continue;
                while (TryReceive(client.Socket, ref from, out var length)) Send(client, isDown: true, length);
            }

            Deliver();
        }
    }

    void Send(LinkClient client, bool isDown, int length)
    {
        var way = isDown ? client.Down : client.Up;
        if (way.TryCarry(MonotonicClock.Now, length, out var at)) flights.Enqueue(new Flight(at, client, isDown, buffer[..length]), (at.Nanoseconds, order++));
    }

    void Deliver()
    {
        while (flights.TryPeek(out var flight, out _) && flight.At <= MonotonicClock.Now)
        {
            flights.Dequeue();
            try
            {
                if (flight.IsDown) clientSide.SendTo(flight.Datagram, flight.Client.Address);
                else flight.Client.Socket.SendTo(flight.Datagram, target);
            }
            catch (SocketException)
            {
                // Nobody listens there any more, or the buffer is full: lost, as on any network.
            }
        }
    }

    bool TryReceive(Socket socket, ref EndPoint from, out int length)
    {
        length = 0;
        if (socket.Available == 0) return false;
        try
        {
            length = socket.ReceiveFrom(buffer, ref from);
            return true;
        }
        catch (SocketException)
        {
            // An ICMP error of an earlier send.
            return false;
        }
    }

    LinkClient? ClientOf(IPEndPoint address)
    {
        if (clients.TryGetValue(address, out var known)) return known;
        if (clients.Count == MaxClients) return null;
        var number = clients.Count;
        var client = new LinkClient(number, address, Open(new IPEndPoint(IPAddress.Loopback, 0)), new Entropy((ulong)((seed * 1000L) + (number * 2))), new Entropy((ulong)((seed * 1000L) + (number * 2) + 1)));
        clients[address] = client;
        return client;
    }

    static Socket Open(IPEndPoint local)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
        socket.Bind(local);
        return socket;
    }
}

/// <summary>One client of a <see cref="LinkProxy"/>: where it is, and its link both ways.</summary>
sealed class LinkClient(int number, IPEndPoint address, Socket socket, Entropy down, Entropy up)
{
    public int Number => number;

    public IPEndPoint Address => address;

    /// <summary>Its own towards the server.</summary>
    public Socket Socket => socket;

    public EmulatedWay Down { get; } = new(down) { Conditions = Direct };

    public EmulatedWay Up { get; } = new(up) { Conditions = Direct };

    public static LinkConditions Direct => LinkConditions.Perfect with { Delay = TimeSpan.Zero };

    /// <summary>From now on, both ways.</summary>
    public void Set(LinkConditions conditions) => Down.Conditions = Up.Conditions = conditions;
}
