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
