using System.Net;
using System.Net.Sockets;

namespace Realtime.Tests.Harness;

/// <summary>
/// Ports for servers that cannot be told to take any (0). They lie below the range of outgoing connections: a client that
/// keeps dialling a dead port inside that range can connect to itself and so keep the port from its server.
/// </summary>
public static class FreePort
{
    const int First = 20_000;
    const int Last = 32_000;
    const int PortsPerNode = 100;
    const int FirstMedia = 10_000;

    /// <summary>
    /// The first port of a row of media nodes: the first UDP and TCP port of each was free a moment ago. Another checkout's tests may run on
    /// the machine at the same time.
    /// </summary>
    public static int MediaBase(int nodes)
    {
        while (true)
        {
            var first = Random.Shared.Next(FirstMedia / PortsPerNode, (First / PortsPerNode) - nodes) * PortsPerNode;
            if (Enumerable.Range(0, nodes).All(node => IsFree(first + (node * PortsPerNode))))
                return first;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Any, port));
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    /// <summary>A TCP port of 127.0.0.1 that was free a moment ago; whoever starts a server on it must be ready to try another.</summary>
    public static int Tcp()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }
}
