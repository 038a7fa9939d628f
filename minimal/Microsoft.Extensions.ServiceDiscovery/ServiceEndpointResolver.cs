using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>
/// Finds endpoints in the section <c>Services:&lt;name&gt;</c>: of the candidates (<c>default</c>, then the schemes in order; or the named endpoint alone)
/// the first that exists is used, and of its entries those of the best allowed scheme. Nothing found: the host is a DNS name.
/// </summary>
public sealed class ServiceEndpointResolver : IAsyncDisposable
{
    /// <summary>Names remembered until the configuration changes; further ones are looked up every time.</summary>
    const int MaxRemembered = 1000;

    sealed class Entry(IReadOnlyList<ServiceEndpoint> endpoints, IChangeToken change)
    {
        int _next = -1;

        public IReadOnlyList<ServiceEndpoint> Endpoints { get; } = endpoints;
        public bool Stale => change.HasChanged;
        public ServiceEndpoint Next() => Endpoints[(int)((uint)Interlocked.Increment(ref _next) % (uint)Endpoints.Count)];
    }

    readonly IConfiguration _configuration;
    readonly IOptionsMonitor<ServiceDiscoveryOptions> _options;
    readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);

    internal ServiceEndpointResolver(IConfiguration configuration, IOptionsMonitor<ServiceDiscoveryOptions> options)
    {
        _configuration = configuration;
        _options = options;
    }

    /// <param name="serviceName">As in a request: <c>https+http://media-0</c>, <c>http://_control.media-0</c>.</param>
    public ValueTask<ServiceEndpointSource> GetEndpointsAsync(string serviceName, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new ServiceEndpointSource(Find(serviceName).Endpoints));
    }

    /// <summary>The next endpoint, round robin.</summary>
    internal ServiceEndpoint Next(string serviceName) => Find(serviceName).Next();

    Entry Find(string serviceName)
    {
        if (_entries.TryGetValue(serviceName, out var known) && !known.Stale)
            return known;
        if (!ServiceEndpointQuery.TryParse(serviceName, out var query))
            throw new InvalidOperationException($"No provider which supports the provided service name, '{serviceName}', has been configured.");
        var change = _configuration.GetReloadToken();
        var found = new Entry(Configured(query) is { Count: > 0 } configured ? configured : [PassThrough(query)], change);
        if (known is not null || _entries.Count < MaxRemembered)
            _entries[serviceName] = found;
        return found;
    }

    List<ServiceEndpoint> Configured(ServiceEndpointQuery query)
    {
        var service = _configuration.GetSection($"Services:{query.ServiceName}");
        if (!service.Exists())
            return [];
        var options = _options.CurrentValue;
        var schemes = options.AllowAllSchemes ? query.Schemes : [.. query.Schemes.Where(scheme => options.AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))];
        string[] candidates = query.EndpointName is { } name ? [name] : ["default", .. schemes];
        foreach (var candidate in candidates)
        {
            var section = service.GetSection(candidate);
            if (section.Exists())
                return BestScheme(Values(section), schemes, candidate);
        }
        return [];
    }

    static IEnumerable<string> Values(IConfigurationSection section) =>
        section.Value is { Length: > 0 } single ? [single] : section.GetChildren().Select(static child => child.Value).OfType<string>().Where(static value => value.Length > 0);

    static List<ServiceEndpoint> BestScheme(IEnumerable<string> values, string[] schemes, string candidate)
    {
        var best = int.MaxValue;
        var kept = new List<ServiceEndpoint>();
        foreach (var value in values)
        {
            if (!TryReadEndPoint(value, out var endPoint))
                throw new InvalidOperationException($"The endpoint configuration '{candidate}' has an invalid value: '{value}'.");
            // An entry without scheme goes with any request; no scheme asked for: any entry will do.
            var rank = endPoint is UriEndPoint uri && schemes.Length > 0 ? Array.FindIndex(schemes, scheme => scheme.Equals(uri.Uri.Scheme, StringComparison.OrdinalIgnoreCase)) : 0;
            if (rank < 0 || rank > best)
                continue;
            if (rank < best)
                kept.Clear();
            best = rank;
            kept.Add(ServiceEndpoint.Create(endPoint));
        }
        return kept;
    }

    static bool TryReadEndPoint(string value, out EndPoint endPoint)
    {
        endPoint = null!;
        if (value.Contains("://", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(value, UriKind.Absolute, out var uri))
                return false;
            endPoint = new UriEndPoint(uri);
            return true;
        }
        if (!Uri.TryCreate($"fakescheme://{value}", UriKind.Absolute, out var bare) || bare.Host.Length == 0)
            return false;
        endPoint = HostAndPort(bare.Host, Math.Max(0, bare.Port));
        return true;
    }

    static ServiceEndpoint PassThrough(ServiceEndpointQuery query) => ServiceEndpoint.Create(HostAndPort(
        query.EndpointName is { } name ? $"_{name}.{query.ServiceName}" : query.ServiceName, query.Port));

    static EndPoint HostAndPort(string host, int port) => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);

    public ValueTask DisposeAsync()
    {
        _entries.Clear();
        return default;
    }
}
