using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Tests.Harness;

/// <summary>What tests ask the media nodes themselves.</summary>
public partial class RunningApp
{
    /// <summary>The first UDP port of each node.</summary>
    public IReadOnlyList<int> MediaPorts => [.. Endpoints().GetProperty("media").EnumerateArray().Select(node => node.GetProperty("udp").GetInt32())];

    /// <summary>What a node knows of its rooms and their people.</summary>
    public async Task<NodeSnapshot> SnapshotAsync(int node)
    {
        using var request = ToMedia(HttpMethod.Get, node, MediaRoutes.Snapshot);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<NodeSnapshot>(ContractsJson.Options))!;
    }

    /// <summary>What a node's workers have counted.</summary>
    public async Task<IReadOnlyList<WorkerReport>> WorkersAsync(int node)
    {
        using var request = ToMedia(HttpMethod.Get, node, MediaRoutes.Counters);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<IReadOnlyList<WorkerReport>>(ContractsJson.Options))!;
    }

    /// <summary>Somebody who joins and offers, without signaling; null and why: refused.</summary>
    public async Task<(OpenPeerResult? Opened, string? Refused)> OpenAsync(int node, OpenPeerCommand command, CancellationToken cancellation)
    {
        using var request = ToMedia(HttpMethod.Post, node, MediaRoutes.Open);
        request.Content = JsonContent.Create(command, options: ContractsJson.Options);
        using var response = await _http.SendAsync(request, cancellation);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<OpenPeerResult>(ContractsJson.Options, cancellation), null)
            : (null, await response.Content.ReadAsStringAsync(cancellation));
    }

    // A media node lets only signaling in: HTTP/2, and a service token made out to the node.
    HttpRequestMessage ToMedia(HttpMethod method, int node, string route)
    {
        var media = Endpoints().GetProperty("media")[node];
        return new HttpRequestMessage(method, new Uri(new Uri(media.GetProperty("control").GetString()!), route))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", ServiceToken(media.GetProperty("node").GetString()!)) },
        };
    }

    static string ServiceToken(string node)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return Hs256Jwt.Sign(null, Encoding.UTF8.GetBytes(ControlSecret), new JsonObject { ["iss"] = "signaling", ["aud"] = node, ["iat"] = now, ["exp"] = now + 60 });
    }
}
