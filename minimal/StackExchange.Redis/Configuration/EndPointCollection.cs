using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;

namespace StackExchange.Redis;

/// <summary>The servers of a configuration.</summary>
public sealed class EndPointCollection : Collection<EndPoint>
{
    const int DefaultPort = 6379;

    /// <summary>Adds <c>host</c>, <c>host:port</c>, <c>[v6]:port</c>.</summary>
    /// <exception cref="ArgumentException">The text is no end point.</exception>
    public void Add(string hostAndPort)
    {
        if (IPEndPoint.TryParse(hostAndPort, out var ip))
        {
            Add(ip.Port == 0 ? new IPEndPoint(ip.Address, DefaultPort) : ip);
            return;
        }
        var colon = hostAndPort.LastIndexOf(':');
        var host = colon < 0 ? hostAndPort : hostAndPort[..colon];
        var port = DefaultPort;
        if (host.Length == 0 || (colon >= 0 && !int.TryParse(hostAndPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)))
            throw new ArgumentException($"'{hostAndPort}' is no host and port.", nameof(hostAndPort));
        Add(host, port);
    }

    public void Add(string host, int port) =>
        Add(IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port));

    internal static string Host(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint dns => dns.Host,
        IPEndPoint ip => ip.Address.ToString(),
        _ => endPoint.ToString() ?? "",
    };

    internal static string ToString(EndPoint endPoint) =>
        endPoint is DnsEndPoint dns ? string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}") : endPoint.ToString() ?? "";
}
