using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Control;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Whip;

/// <summary>Two signaling replicas and one media node in this process, and a plain HTTP client to them.</summary>
public sealed class WhipServer : TwoReplicas
{
    public const string Sdp = "application/sdp";
    public const string Fragment = "application/trickle-ice-sdpfrag";

    /// <summary>Fewer than the default, so that another limit is not met first.</summary>
    public const int SessionsPerUser = 5;

    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };
    RunningNode? _node;
    int _users;

    /// <summary>Each test a user of its own: limits count by user.</summary>
    public string NewUser() => $"user-{Interlocked.Increment(ref _users)}";

    public static string NewRoom() => $"r{Guid.NewGuid():N}";

    public NodeDirectory Directory(int replica = 0) => Service<NodeDirectory>(replica);

    protected override async ValueTask<IReadOnlyDictionary<string, string?>> MoreSettingsAsync()
    {
        _node = await RunningNode.StartAsync();
        return new Dictionary<string, string?>
        {
            ["Media:Nodes"] = RunningNode.Node,
            ["Media:ControlSecret"] = RunningNode.Secret,
            [$"services:{RunningNode.Node}:control:0"] = _node.ControlAddress.AbsoluteUri,
            ["Whip:SessionsPerUser"] = $"{SessionsPerUser}",
            ["Turn:Urls"] = "stun:stun.example.org:3478,turn:turn.example.org:3478?transport=udp",
            ["Turn:Secret"] = "the-turn-secret",
            ["Turn:ProbeEvery"] = "00:00:00",
            ["Network:AllowedOrigins"] = "https://studio.example.org",
        };
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        for (var replica = 0; replica < 2; replica++)
        {
            var directory = Directory(replica);
            await Eventually.TrueAsync(() => directory.Nodes().All(static node => node.State == NodeState.Live), what: "the node is heard");
        }
    }

    /// <summary>The node dies: no goodbye to signaling.</summary>
    public async Task KillNodeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        _node = null;
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? user = null, HttpContent? body = null, int replica = 0, Grants? grants = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Servers[replica], path)) { Content = body };
        if (user is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(user, grants));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string user, string offer, int replica = 0, Grants? grants = null) =>
        SendAsync(HttpMethod.Post, path, user, Body(offer), replica, grants);

    public Task<HttpResponseMessage> PatchAsync(string path, string user, string fragment, string? ifMatch, int replica = 0) =>
        SendAsync(HttpMethod.Patch, path, user, Body(fragment, Fragment), replica, headers: ifMatch is null ? [] : [("If-Match", ifMatch)]);

    /// <summary>Opens a session; its answer is 201.</summary>
    public async Task<(string Location, string ETag, string Answer)> OpenAsync(string path, string user, string offer, int replica = 0)
    {
        using var response = await PostAsync(path, user, offer, replica);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.Created, text);
        return (response.Headers.Location!.OriginalString, response.Headers.ETag!.ToString(), text);
    }

    public static HttpContent Body(string text, string type = Sdp) => Body(Encoding.UTF8.GetBytes(text), type);

    public static HttpContent Body(byte[] bytes, string type = Sdp) => new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    /// <summary>Problem details with our members.</summary>
    public static async Task<(int Status, string Code, string? Field)> ProblemAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.NotEmpty(problem.RootElement.GetProperty("message").GetString()!);
            return ((int)response.StatusCode, problem.RootElement.GetProperty("code").GetString()!, problem.RootElement.TryGetProperty("field", out var field) ? field.GetString() : null);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await base.DisposeAsync();
        await KillNodeAsync();
    }
}
