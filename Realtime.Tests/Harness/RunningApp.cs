using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Xunit;

namespace Realtime.Tests.Harness;

/// <summary>
/// The whole composed app, started once for all tests that share it: ports and state of its own, limits as in production,
/// fault injection on. A test that kills something waits for it to be back.
/// </summary>
public partial class RunningApp : IAsyncLifetime
{
    const string ControlSecret = "the-control-secret-of-the-end-to-end-tests";
    const int LogTailBytes = 4 << 10;
    static readonly TimeSpan s_startTimeout = TimeSpan.FromMinutes(4);
    static readonly TimeSpan s_recoveryTimeout = TimeSpan.FromMinutes(1);
    static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(5);
    static readonly string[] s_resources = ["redis", "postgres", "signaling", "media-0", "media-1", "web"];

    readonly string _state = Path.Combine(Path.GetTempPath(), $"realtime-e2e-{Guid.NewGuid():N}");
    readonly HttpClient _http = new();
    DistributedApplication? _app;
    string? _operator;

    /// <summary>The replicas, each by itself.</summary>
    public IReadOnlyList<Uri> Signaling => [.. Endpoints().GetProperty("signaling").EnumerateArray().Select(url => new Uri(url.GetString()!))];

    /// <summary>The replicas' common address.</summary>
    public Uri SignalingFront => new(Endpoints().GetProperty("signalingFront").GetString()!);

    public Uri Web => new(Endpoints().GetProperty("web").GetString()!);

    /// <summary>Which media node listens on that UDP port.</summary>
    public int NodeListeningOn(int port) => Endpoints().GetProperty("media").EnumerateArray().ToList().FindIndex(node => node.GetProperty("udp").GetInt32() == port);

    /// <summary>Users who are in a call, by the operators' API.</summary>
    public async Task<IReadOnlyList<string>> UsersInAsync(string room)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(SignalingFront, $"/api/rooms/{room}/participants"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync("operator", new Grants(Admin: true)));
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var participants = await response.Content.ReadFromJsonAsync<IReadOnlyList<RoomParticipantInfo>>(ContractsJson.Options);
        return [.. participants!.Select(participant => participant.User)];
    }

    /// <summary>Every crash report that any service has written so far.</summary>
    public IReadOnlyList<CrashReport> CrashReports() => [.. Directory.EnumerateFiles(CrashDirectory, "*.json", SearchOption.AllDirectories)
        .Select(file => JsonSerializer.Deserialize<CrashReport>(File.ReadAllText(file), ContractsJson.Options)!)];

    string CrashDirectory => Path.Combine(_state, "crashes");

    /// <summary>What a derived app adds before it is built.</summary>
    protected virtual void Configure(IDistributedApplicationTestingBuilder builder)
    {
    }

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(CrashDirectory);
        using var timeout = new CancellationTokenSource(s_startTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Realtime_AppHost>(
            [$"Runner:StateDirectory={_state}", $"Media:BasePort={FreePort.MediaBase(nodes: 2)}", $"Parameters:media-control-secret={ControlSecret}"], timeout.Token);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(service)
                .WithEnvironment("Faults__Enabled", "true")
                .WithEnvironment("CrashReports__Directory", CrashDirectory)
                // Development is lenient; what is promised holds with production's limits.
                .WithEnvironment("Limits__SessionsPerMinute", "10");
        }
        Configure(builder);
        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        try
        {
            await HealthyAsync(timeout.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"The app was not healthy within {s_startTimeout}.\n{LogTails()}", exception);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null)
            await _app.DisposeAsync();
        _http.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    /// <summary>The process of a resource instance: <c>signaling-0</c>, <c>redis</c> …</summary>
    public int Pid(string instance) => Endpoints().GetProperty("pids").GetProperty(instance).GetInt32();

    /// <summary>SIGKILL. Returns when the process is gone; the runner will start it anew.</summary>
    public async Task KillAsync(string instance)
    {
        using var process = Process.GetProcessById(Pid(instance));
        process.Kill();
        using var timeout = new CancellationTokenSource(s_recoveryTimeout);
        await process.WaitForExitAsync(timeout.Token);
    }

    /// <summary>Waits until everything runs and is healthy, after a kill with a process other than <paramref name="killed"/>.</summary>
    public async Task RecoveredAsync(string? instance = null, int killed = 0)
    {
        await Eventually.TrueAsync(() => instance is null || Endpoints().GetProperty("pids").TryGetProperty(instance, out var pid) && pid.GetInt32() != killed, s_recoveryTimeout);
        using var timeout = new CancellationTokenSource(s_recoveryTimeout);
        await HealthyAsync(timeout.Token);
    }

    /// <summary>A token from the app's own endpoint, with Development's key. Right after a fault nobody may sign in for a moment: who is told when to come back does.</summary>
    public async Task<string> TokenAsync(string user, Grants? grants = null, string ttl = "01:00:00")
    {
        using var timeout = new CancellationTokenSource(s_recoveryTimeout);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(SignalingFront, "/api/tokens"))
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("dev:dev-secret-change-me-32-bytes-long!"))) },
                Content = JsonContent.Create(new TokenRequest(user, user, ttl, grants ?? new Grants(["*"], ["*"], true, true)), options: ContractsJson.Options),
            };
            using var response = await _http.SendAsync(request, timeout.Token);
            if (response is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter.Delta: { } after })
            {
                await Task.Delay(after, timeout.Token);
                continue;
            }
            response.EnsureSuccessStatusCode();
            return (await response.Content.ReadFromJsonAsync<TokenResponse>(ContractsJson.Options, timeout.Token))!.Token;
        }
    }

    /// <summary>What a replica answers an operator who may see everything; who asks too often is told when to come back, and does.</summary>
    public async Task<T> GetAsync<T>(Uri replica, string path, CancellationToken cancellation = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(s_answerTimeout);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(replica, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _operator ??= await TokenAsync("operator", new Grants(["*"], ["*"], Admin: true)));
            using var response = await _http.SendAsync(request, timeout.Token);
            if (response is { StatusCode: HttpStatusCode.TooManyRequests, Headers.RetryAfter.Delta: { } after })
            {
                await Task.Delay(after, timeout.Token);
                continue;
            }
            response.EnsureSuccessStatusCode();
            return (await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options, timeout.Token))!;
        }
    }

    /// <summary>How many connections a replica has taken since it started.</summary>
    public async Task<long> ConnectionsAsync(Uri replica)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(replica, "/metrics/socket"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync("operator", new Grants(Admin: true)));
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("connections").GetProperty("total").GetInt64();
    }

    /// <summary>Whether a replica answers and takes connections.</summary>
    public async Task<bool> IsReadyAsync(Uri replica)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            using var response = await _http.GetAsync(new Uri(replica, "/ready"), timeout.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Takes every fault rule of one signaling replica back.</summary>
    public async Task ClearFaultsAsync(Uri replica) =>
        await FaultsAsync(HttpMethod.Delete, replica, await TokenAsync("operator", new Grants(Admin: true)), HttpVersion.Version11, null);

    /// <summary>Adds a fault rule to one signaling replica.</summary>
    public async Task InjectAsync(Uri replica, FaultRule rule) =>
        await FaultsAsync(HttpMethod.Post, replica, await TokenAsync("operator", new Grants(Admin: true)), HttpVersion.Version11, rule);

    /// <summary>Adds a fault rule to one media node; <see cref="ClearMediaFaultsAsync"/> takes all back.</summary>
    public Task InjectIntoMediaAsync(int node, FaultRule rule) => MediaFaultsAsync(HttpMethod.Post, node, rule);

    public Task ClearMediaFaultsAsync(int node) => MediaFaultsAsync(HttpMethod.Delete, node, null);

    /// <summary>The end of each resource's log, for the output of a failing test.</summary>
    public string LogTails()
    {
        var text = new StringBuilder();
        var logs = new DirectoryInfo(Path.Combine(_state, "logs"));
        if (!logs.Exists)
            return "There are no logs.";
        foreach (var file in logs.EnumerateFiles().Where(file => file.Name != "coturn.log").Select(file => file.FullName).Order())
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(LogTailBytes, stream.Length), SeekOrigin.End);
            using var reader = new StreamReader(stream);
            text.AppendLine($"=== {Path.GetFileName(file)}").AppendLine(reader.ReadToEnd());
        }
        return text.ToString();
    }

    Task MediaFaultsAsync(HttpMethod method, int node, FaultRule? rule)
    {
        var media = Endpoints().GetProperty("media")[node];
        return FaultsAsync(method, new Uri(media.GetProperty("control").GetString()!), ServiceToken(media.GetProperty("node").GetString()!), HttpVersion.Version20, rule);
    }

    async Task FaultsAsync(HttpMethod method, Uri service, string token, Version version, FaultRule? rule)
    {
        using var request = new HttpRequestMessage(method, new Uri(service, "/admin/faults"))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
            Content = rule is null ? null : JsonContent.Create(rule, options: ContractsJson.Options),
        };
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    async Task HealthyAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(s_resources.Select(resource => _app!.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellation)));
        await Eventually.TrueAsync(() => File.Exists(EndpointsFile), s_recoveryTimeout);
    }

    string EndpointsFile => Path.Combine(_state, "endpoints.json");

    JsonElement Endpoints()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(EndpointsFile));
        return document.RootElement.Clone();
    }
}
