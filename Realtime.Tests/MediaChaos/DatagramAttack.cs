using System.Net;
using System.Net.Sockets;
using Realtime.Tests.Media.Fuzz;

namespace Realtime.Tests.MediaChaos;

/// <summary>Datagrams to a node's media port, from many addresses, in bursts that a network would let through.</summary>
/// <param name="next">Makes the next datagram; overwritten at will.</param>
sealed class DatagramAttack(string name, IPEndPoint target, Func<byte[]> next) : IMediaAttack
{
    const int Sources = 16;
    const int Burst = 20;

    /// <summary>2,000 datagrams a second from each attack: what a household's line can send.</summary>
    static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(10);

    long _count;

    public string Name => name;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Mutations of valid inputs.</summary>
    public static DatagramAttack Fuzz(string name, IPEndPoint target, int seed, IReadOnlyList<byte[]> corpus) =>
        new(name, target, new Mutator(seed, corpus).Next);

    public async Task RunAsync(Violations violations, CancellationToken cancellation)
    {
        var sockets = Enumerable.Range(0, Sources).Select(static source => Open(source)).ToList();
        try
        {
            using var timer = new PeriodicTimer(s_every);
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                for (var i = 0; i < Burst; i++)
                {
                    var datagram = next();
                    if (datagram.Length > 0)
                        Send(sockets[(int)(_count++ % Sources)], datagram);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // That is how it ends.
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    void Send(Socket socket, byte[] datagram)
    {
        try
        {
            socket.SendTo(datagram, target);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionRefused or SocketError.NoBufferSpaceAvailable)
        {
            // A flood does not wait either.
            Interlocked.Decrement(ref _count);
        }
    }

    // 127.0.0.0/8 is all this machine's: many addresses, as of many attackers.
    static Socket Open(int source)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(new IPAddress([127, 66, 0, (byte)(1 + source)]), 0));
        return socket;
    }
}
