using System.Globalization;

namespace Realtime.Signaling.MediaControl;

/// <summary>One TURN server as a URL names it (RFC 7065): <c>turn:host[:port][?transport=udp|tcp]</c>, <c>turns:…</c> over TLS.</summary>
/// <param name="Name">Host and port: what circuits and reports know it by, whatever the transport.</param>
public readonly record struct TurnServer(string Url, string Name, string Host, int Port, bool Tcp, bool Tls)
{
    const int DefaultPort = 3478;
    const int DefaultTlsPort = 5349;
    const int MaxLength = 256;

    public static bool TryRead(string? url, out TurnServer server)
    {
        server = default;
        if (url is not { Length: > 0 and <= MaxLength })
            return false;
        var tls = url.StartsWith("turns:", StringComparison.OrdinalIgnoreCase);
        if (!tls && !url.StartsWith("turn:", StringComparison.OrdinalIgnoreCase))
            return false;
        var rest = url[(tls ? 6 : 5)..];
        var query = rest.IndexOf('?');
        var tcp = tls;
        if (query >= 0)
        {
            if (rest[(query + 1)..] is not ("transport=udp" or "transport=tcp"))
                return false;
            tcp = tls || rest.EndsWith("tcp", StringComparison.Ordinal);
            rest = rest[..query];
        }
        if (!TryReadAuthority(rest, tls ? DefaultTlsPort : DefaultPort, out var host, out var port))
            return false;
        server = new TurnServer(url, $"{host}:{port.ToString(CultureInfo.InvariantCulture)}", host.Trim('[', ']'), port, tcp, tls);
        return true;
    }

    static bool TryReadAuthority(string text, int defaultPort, out string host, out int port)
    {
        (host, port) = (text, defaultPort);
        var bracket = text.IndexOf(']');
        var colon = text.IndexOf(':', Math.Max(0, bracket));
        if (colon >= 0)
        {
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > ushort.MaxValue)
                return false;
            host = text[..colon];
        }
        return host.Length > 0 && Uri.CheckHostName(host.Trim('[', ']')) != UriHostNameType.Unknown;
    }
}
