using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.MediaControl;

/// <summary>The configured media nodes, each with its own connection, token and circuit.</summary>
public sealed class MediaNodes : IDisposable
{
    readonly Dictionary<string, MediaNode> _nodes = new(StringComparer.Ordinal);
    readonly List<HttpClient> _clients = [];

    public MediaNodes(IOptions<MediaControlOptions> options, IConfiguration configuration, CircuitRegistry circuits, NodeDirectory directory, TimeProvider time)
    {
        foreach (var name in options.Value.NodeNames)
        {
            // Not a factory client: those carry the standard retries and a total time-out, which would undo 1 s per attempt and the endless stream.
            var http = new HttpClient(new SocketsHttpHandler
            {
                ConnectTimeout = options.Value.CommandTimeout,
                EnableMultipleHttp2Connections = true,
                PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            })
            {
                BaseAddress = AddressOf(name, configuration),
                Timeout = Timeout.InfiniteTimeSpan,
            };
            _clients.Add(http);
            var circuit = circuits.Get(new CircuitBreakerOptions(name) { CallTimeout = options.Value.CommandTimeout });
            _nodes[name] = new MediaNode(name, http, new ServiceToken(name, options.Value.ControlSecret, time), circuit, options.Value.CommandTimeout);
            directory.Expect(name);
        }
        circuits.Include(directory.PeerCircuits);
    }

    public IReadOnlyCollection<MediaNode> All => _nodes.Values;

    public MediaNode this[string node] => _nodes.TryGetValue(node, out var known)
        ? known
        : throw new RealtimeException(new(ErrorCode.Unavailable, $"The media node '{node}' is not configured here.", RetryAfterMs: 5000));

    public bool TryGet(string node, [NotNullWhen(true)] out MediaNode? found) => _nodes.TryGetValue(node, out found);

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }

    /// <summary>What service discovery reads for <c>http://_control.NODE</c>; each node is one address, so there is nothing to balance.</summary>
    static Uri AddressOf(string node, IConfiguration configuration) =>
        configuration[$"services:{node}:control:0"] is { Length: > 0 } address
            ? new Uri(address)
            : throw new OptionsValidationException(MediaControlOptions.Section, typeof(MediaControlOptions), [$"Media:Nodes names {node}, but services:{node}:control:0 is not set."]);
}
