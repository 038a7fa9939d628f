using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Realtime.Web.Access;

/// <summary><c>Network:TrustedProxies</c> (addresses and networks, separated by commas): whose X-Forwarded-For and X-Forwarded-Proto are believed. Nobody's by default.</summary>
static class TrustedProxies
{
    public const string Key = "Network:TrustedProxies";

    /// <exception cref="InvalidOperationException">An entry is neither an address nor a network.</exception>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var entries = (app.Configuration[Key] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (entries.Length == 0)
            return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var entry in entries)
        {
            if (IPAddress.TryParse(entry, out var address))
                options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(entry, out var network))
                options.KnownIPNetworks.Add(network);
            else
                throw new InvalidOperationException($"{Key}: '{entry}' is neither an address nor a network.");
        }
        app.UseForwardedHeaders(options);
    }
}
