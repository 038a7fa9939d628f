using System.Net;
using System.Net.Sockets;

namespace Realtime.Client.Connection;

/// <summary>Where the hub and the REST API beside it are, and how connections to them are made.</summary>
static class HubAddress
{
    const string HubPath = "/hub";

    /// <summary>The hub's WebSocket, of the servers' address or of the hub's own.</summary>
    public static Uri Of(Uri server) => new UriBuilder(server)
    {
        Scheme = server.Scheme is "https" or "wss" ? "wss" : "ws",
        Port = server.Port,
        Path = Root(server) + HubPath,
        Query = "",
    }.Uri;

    /// <summary>The REST API's root; ends with a slash.</summary>
    public static Uri Api(Uri server) => new UriBuilder(server)
    {
        Scheme = server.Scheme is "https" or "wss" ? "https" : "http",
        Port = server.Port,
        Path = Root(server) + "/api/",
        Query = "",
    }.Uri;

    public static SocketsHttpHandler Handler(IPAddress? source) => source is null ? new SocketsHttpHandler() : new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    static string Root(Uri server)
    {
        var path = server.AbsolutePath.TrimEnd('/');
        return path.EndsWith(HubPath, StringComparison.Ordinal) ? path[..^HubPath.Length] : path;
    }
}
