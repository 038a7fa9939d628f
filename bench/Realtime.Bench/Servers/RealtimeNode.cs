using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Realtime.Bench.Load;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Bench.Servers;

/// <summary>Our own media node with one worker, driven through its private control API as signaling would.</summary>
sealed class RealtimeNode(LoadThread load, string folder) : ISfu
{
    const string Node = "media-bench";
    const string Secret = "the-bench-speaks-to-its-own-node-only";
    const long Epoch = 1;

    readonly HttpClient http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true }) { Timeout = TimeSpan.FromSeconds(20) };
    ServerProcess? process;
    Uri? control;
    string token = "";
    DateTimeOffset tokenEnds;
    int commands;

    public string Name => "realtime";

    public ServerProcess Process => process ?? throw new InvalidOperationException("The node is not started.");

    public async Task StartAsync(CancellationToken stop)
    {
        var (port, controlPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        control = new Uri($"http://127.0.0.1:{controlPort}");
        var assembly = FindAssembly();
        process = ServerProcess.Start("dotnet", [assembly], Path.Combine(folder, "realtime.log"), Path.GetDirectoryName(assembly), new Dictionary<string, string>
        {
            // As AppHost.cs has it.
            ["DOTNET_GCgen0size"] = "400000",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Media__Node"] = Node,
            ["Media__UdpPort"] = "0",
            ["Media__ControlPort"] = $"{controlPort}",
            ["Media__ControlSecret"] = Secret,
            ["Media__BindAddress"] = "127.0.0.1",
            ["Media__AnnouncedAddresses"] = "127.0.0.1",
            ["Media__Workers"] = "1",
        });
        await process.WaitUntilAsync(async () =>
        {
            try
            {
                using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/ready"), stop);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, stop);
    }

    public Task OpenRoomAsync(int room, SourceKind kind) => Task.CompletedTask;

    public async Task PublishAsync(int room, LoadClient client)
    {
        await JoinAsync(room, client, publish: true);
        await NegotiateAsync(room, client, client.Offer());
    }

    /// <summary>A track is there with the offer.</summary>
    public Task WaitForTracksAsync(int room, int tracks) => Task.CompletedTask;

    public async Task SubscribeAsync(int room, LoadClient client, SourceKind kind, int tracks)
    {
        await JoinAsync(room, client, publish: false);
        await NegotiateAsync(room, client, client.Offer(kind, tracks));
    }

    public Task LeaveAsync(int room, LoadClient client) =>
        PostAsync<JsonObject>(MediaRoutes.Leave, new LeavePeerCommand(NextId(), NameOf(room), Epoch, NameOf(client), LeaveReason.Left));

    public async Task<long?> AllocatedBytesAsync()
    {
        using var response = await SendAsync(HttpMethod.Get, MediaRoutes.Counters, null);
        var workers = await response.Content.ReadFromJsonAsync<IReadOnlyList<WorkerReport>>(ContractsJson.Options);
        return workers!.Sum(worker => worker.AllocatedBytes);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (process is not null) await process.DisposeAsync();
    }

    Task JoinAsync(int room, LoadClient client, bool publish) => PostAsync<JsonObject>(
        MediaRoutes.Join, new JoinPeerCommand(NextId(), NameOf(room), Epoch, NameOf(client), NameOf(client), NameOf(client), publish, !publish));

    async Task NegotiateAsync(int room, LoadClient client, string offer)
    {
        var answer = await PostAsync<NegotiatePeerResult>(MediaRoutes.Negotiate, new NegotiatePeerCommand(NextId(), NameOf(room), Epoch, NameOf(client), offer));
        await load.AcceptAsync(client, answer.Sdp);
    }

    async Task<T> PostAsync<T>(string route, object command)
    {
        using var response = await SendAsync(HttpMethod.Post, route, JsonContent.Create(command, command.GetType(), options: ContractsJson.Options));
        return (await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options))!;
    }

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string route, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, new Uri(control!, route))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token());
        var response = await http.SendAsync(request);
        if (response.IsSuccessStatusCode) return response;
        var body = await response.Content.ReadAsStringAsync();
        response.Dispose();
        throw new InvalidOperationException($"{route}: {(int)response.StatusCode} {body}");
    }

    string Token()
    {
        var now = DateTimeOffset.UtcNow;
        if (now + TimeSpan.FromSeconds(20) < tokenEnds) return token;
        tokenEnds = now + TimeSpan.FromSeconds(60);
        return token = Hs256Jwt.Sign(null, Encoding.UTF8.GetBytes(Secret), new JsonObject { ["iss"] = "signaling", ["aud"] = Node, ["exp"] = tokenEnds.ToUnixTimeSeconds() });
    }

    string NextId() => $"bench-{Interlocked.Increment(ref commands)}";

    static string NameOf(int room) => $"room-{room}";

    static string NameOf(LoadClient client) => $"client-{client.Index}";

    /// <summary>Built beside this project, in the same configuration.</summary>
    static string FindAssembly()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var file = Path.Combine(here.Parent!.Parent!.FullName, "Realtime.Media", here.Name, "Realtime.Media.dll");
        return File.Exists(file) ? file : throw new FileNotFoundException("The media node is not built in this configuration: ./realtime bench builds it.", file);
    }
}
