using System.Net;
using System.Net.Sockets;

namespace Realtime.Tests.Harness;

/// <summary>Ports for servers that cannot be told to take any (0).</summary>
public static class FreePort
{
    /// <summary>A TCP port of 127.0.0.1 that was free a moment ago; whoever starts a server on it must be ready to try another.</summary>
    public static int Tcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
