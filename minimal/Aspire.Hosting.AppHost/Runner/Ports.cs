using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Runner;

/// <summary>
/// Chooses ports. Random ones come from below the range of outgoing connections: a client that keeps dialling a dead port inside
/// that range can connect to itself and so keep the port from its server.
/// </summary>
internal sealed class Ports
{
    private const int First = 20000, Last = 32000;
    private readonly HashSet<int> _given = [];

    public int Random()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = System.Random.Shared.Next(First, Last);
            if (!_given.Contains(port) && IsFree(ProtocolType.Tcp, port) && IsFree(ProtocolType.Udp, port))
            {
                _given.Add(port);
                return port;
            }
        }

        throw new DistributedApplicationException($"No free port was found between {First} and {Last}.");
    }

    public static bool IsFree(ProtocolType protocol, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            if (protocol == ProtocolType.Tcp)
                socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
