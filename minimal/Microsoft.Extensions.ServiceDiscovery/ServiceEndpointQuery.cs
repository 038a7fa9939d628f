using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>A name as requests spell it: <c>scheme+scheme://_endpoint.service:port</c>; schemes, endpoint and port may be left out.</summary>
sealed class ServiceEndpointQuery
{
    ServiceEndpointQuery(string serviceName, string? endpointName, int port, string[] schemes)
    {
        ServiceName = serviceName;
        EndpointName = endpointName;
        Port = port;
        Schemes = schemes;
    }

    public string ServiceName { get; }
    public string? EndpointName { get; }

    /// <summary>0 when the name holds none.</summary>
    public int Port { get; }

    /// <summary>Best first; empty when the name holds none.</summary>
    public string[] Schemes { get; }

    public static bool TryParse(string input, [NotNullWhen(true)] out ServiceEndpointQuery? query)
    {
        query = null;
        var hasScheme = input.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? input : $"fakescheme://{input}", UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return false;
        var schemes = hasScheme ? uri.Scheme.Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        var port = uri.IsDefaultPort || uri.Port < 0 ? 0 : uri.Port;
        var host = uri.Host;
        var dot = host.IndexOf('.');
        query = host[0] == '_' && dot > 1 && dot < host.Length - 1
            ? new(host[(dot + 1)..], host[1..dot], port, schemes)
            : new(host, null, port, schemes);
        return true;
    }
}
