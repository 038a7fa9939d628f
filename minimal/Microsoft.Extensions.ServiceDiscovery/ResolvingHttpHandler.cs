using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Microsoft.Extensions.ServiceDiscovery.Http;

/// <summary>Sends each request to the next endpoint of the service its host names.</summary>
sealed class ResolvingHttpHandler(ServiceEndpointResolver resolver) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var original = request.RequestUri ?? throw new InvalidOperationException("The request has no URI.");
        request.RequestUri = Resolve(original);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A retry asks again, for the next endpoint.
            request.RequestUri = original;
        }
    }

    internal Uri Resolve(Uri original)
    {
        var target = new UriBuilder(original) { Scheme = FirstScheme(original.Scheme) };
        switch (resolver.Next(original.GetLeftPart(UriPartial.Authority)).EndPoint)
        {
            case UriEndPoint { Uri: var uri }:
                target.Scheme = uri.Scheme;
                target.Host = uri.Host;
                target.Port = uri.Port;
                if (uri.AbsolutePath.TrimEnd('/') is { Length: > 0 } prefix)
                    target.Path = prefix + target.Path;
                break;
            case DnsEndPoint dns:
                target.Host = dns.Host;
                target.Port = dns.Port > 0 ? dns.Port : -1;
                break;
            case IPEndPoint ip:
                target.Host = ip.Address.ToString();
                target.Port = ip.Port > 0 ? ip.Port : -1;
                break;
        }
        return target.Uri;
    }

    static string FirstScheme(string scheme) => scheme.IndexOf('+') is var plus and > 0 ? scheme[..plus] : scheme;
}
