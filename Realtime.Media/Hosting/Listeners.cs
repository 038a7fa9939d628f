using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Realtime.Media.Hosting;

/// <summary>
/// Two HTTP ports: the one of ASPNETCORE_URLS (in containers HTTP_PORTS) for probes (HTTP/1.1), and the control port, which speaks HTTP/2 without TLS and
/// therefore must be a port of its own. Naming any endpoint in code makes Kestrel ignore the URLs, so both are named here.
/// </summary>
static class Listeners
{
    const string DefaultUrls = "http://localhost:5000";

    public static void Configure(WebHostBuilderContext context, KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<MediaOptions>();
        foreach (var url in Urls(context.Configuration).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var address = BindingAddress.Parse(url);
            Listen(kestrel, address.Host, address.Port, HttpProtocols.Http1);
        }

        if (IPAddress.IsLoopback(options.Bind)) kestrel.Listen(options.Bind, options.ControlPort, listen => listen.Protocols = HttpProtocols.Http2);
        else kestrel.ListenAnyIP(options.ControlPort, listen => listen.Protocols = HttpProtocols.Http2);
    }

    /// <summary>As Kestrel itself has it: ports stand for every address, and URLs before ports.</summary>
    internal static string Urls(IConfiguration configuration)
    {
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls) return urls;
        var ports = (configuration[WebHostDefaults.HttpPortsKey] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return ports.Length == 0 ? DefaultUrls : string.Join(';', ports.Select(static port => $"http://*:{port}"));
    }

    static void Listen(KestrelServerOptions kestrel, string host, int port, HttpProtocols protocols)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address)) kestrel.Listen(address, port, listen => listen.Protocols = protocols);
        else if (host == "localhost") kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols);
        else kestrel.ListenAnyIP(port, listen => listen.Protocols = protocols);
    }
}
