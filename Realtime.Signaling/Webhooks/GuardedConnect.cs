using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Webhooks;

/// <summary>The name leads to no address that may be called.</summary>
public sealed class AddressRefusedException() : IOException("The address is not public.");

/// <summary>
/// How webhooks reach the network: the name is resolved here, the addresses are looked at here, and one of exactly those is connected to, so that a name that means something else a
/// moment later (DNS rebinding) gains nothing. No proxy, no redirects, no cookies, no credentials.
/// </summary>
public static class GuardedConnect
{
    const int MaxHeaderKilobytes = 16;
    const int MaxConnectionsPerServer = 4;

    /// <summary>Addresses tried of a name with many.</summary>
    const int MaxAddresses = 4;

    public static HttpClient NewClient(IOptionsMonitor<WebhookOptions> options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            PreAuthenticate = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            MaxConnectionsPerServer = MaxConnectionsPerServer,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps, options.CurrentValue, cancellation),
        };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Which of a name's addresses may be called. Without TLS only the networks named in the options are.</summary>
    public static IReadOnlyList<IPAddress> Choose(IEnumerable<IPAddress> addresses, bool tls, IReadOnlyList<IPNetwork> allowed) =>
        [.. addresses.Where(address => allowed.Any(network => network.Contains(address)) || (tls && PublicAddress.IsPublic(address))).Take(MaxAddresses)];

    static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool tls, WebhookOptions options, CancellationToken cancellation)
    {
        var addresses = Choose(await Dns.GetHostAddressesAsync(target.Host, cancellation), tls, options.Allowed);
        if (addresses.Count == 0)
            throw new AddressRefusedException();
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], target.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i + 1 < addresses.Count)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
