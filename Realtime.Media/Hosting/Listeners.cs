using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Realtime.Media.Hosting;

/// <summary>
/// Two HTTP ports: the one of ASPNETCORE_URLS for probes (HTTP/1.1), and the control port, which speaks HTTP/2 without TLS and
/// therefore must be a port of its own. Naming any endpoint in code makes Kestrel ignore the URLs, so both are named here.
/// </summary>
static class Listeners
{
    const string DefaultUrls = "http://localhost:5000";

    public static void Configure(WebHostBuilderContext context, KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<MediaOptions>();
        var urls = context.Configuration[WebHostDefaults.ServerUrlsKey] ?? DefaultUrls;
        foreach (var url in urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var address = BindingAddress.Parse(url);
            Listen(kestrel, address.Host, address.Port, HttpProtocols.Http1);
        }

        if (IPAddress.IsLoopback(options.Bind)) kestrel.Listen(options.Bind, options.ControlPort, listen => listen.Protocols = HttpProtocols.Http2);
        else kestrel.ListenAnyIP(options.ControlPort, listen => listen.Protocols = HttpProtocols.Http2);
    }

    static void Listen(KestrelServerOptions kestrel, string host, int port, HttpProtocols protocols)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address)) kestrel.Listen(address, port, listen => listen.Protocols = protocols);
        else if (host == "localhost") kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols);
        else kestrel.ListenAnyIP(port, listen => listen.Protocols = protocols);
    }
}
