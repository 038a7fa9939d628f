using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>One place where a service listens: a <see cref="UriEndPoint"/>, <see cref="DnsEndPoint"/> or <see cref="IPEndPoint"/>.</summary>
public abstract class ServiceEndpoint
{
    public abstract EndPoint EndPoint { get; }

    public static ServiceEndpoint Create(EndPoint endPoint) => new Plain(endPoint);

    public override string? ToString() => EndPoint switch
    {
        UriEndPoint uri => uri.Uri.ToString(),
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        var other => other.ToString(),
    };

    sealed class Plain(EndPoint endPoint) : ServiceEndpoint
    {
        public override EndPoint EndPoint { get; } = endPoint;
    }
}

/// <summary>The endpoints found for one name.</summary>
public sealed class ServiceEndpointSource(IReadOnlyList<ServiceEndpoint> endpoints)
{
    public IReadOnlyList<ServiceEndpoint> Endpoints { get; } = endpoints;
}
