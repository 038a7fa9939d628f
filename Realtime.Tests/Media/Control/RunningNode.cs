using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Control;
using Realtime.Media.Hosting;
using Realtime.ServiceDefaults;
using Realtime.ServiceDefaults.Tokens;
using Xunit;

namespace Realtime.Tests.Media.Control;

/// <summary>A whole media node in this process, on ports of the system's choice.</summary>
sealed class RunningNode : IAsyncDisposable
{
    public const string Node = "media-test";
    public const string Secret = "a-control-secret-of-more-than-32-bytes";

    readonly WebApplication app;
    readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
    readonly Uri control;
    int commands;

    RunningNode(WebApplication app)
    {
        this.app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (Public, control) = (new Uri(addresses[0]), new Uri(addresses[1]));
    }

    public Uri Public { get; }

    public Uri ControlAddress => control;

    public static async Task<RunningNode> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Media:Node"] = Node,
            ["Media:UdpPort"] = "0",
            ["Media:ControlPort"] = "0",
            ["Media:ControlSecret"] = Secret,
            ["Media:BindAddress"] = "127.0.0.1",
            ["Media:AnnouncedAddresses"] = "127.0.0.1",
            ["Media:Workers"] = "2",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(static each => each.Key, static each => (string?)each.Value));
        builder.AddServiceDefaults();
        builder.AddMedia();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapControl();
        await app.StartAsync();
        return new RunningNode(app);
    }

    public string NextId() => $"command-{Interlocked.Increment(ref commands)}";

    public static string Token(string audience = Node, string issuer = "signaling", string secret = Secret, int secondsLeft = 60) => Hs256Jwt.Sign(
        null, Encoding.UTF8.GetBytes(secret), new JsonObject
        {
            ["iss"] = issuer,
            ["aud"] = audience,
            ["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + secondsLeft,
        });

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string route, HttpContent? content = null, string? token = null, Uri? to = null, Version? version = null)
    {
        var request = new HttpRequestMessage(method, new Uri(to ?? control, route))
        {
            Version = version ?? HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Token());
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task<HttpResponseMessage> PostAsync<T>(string route, T command) => SendAsync(HttpMethod.Post, route, JsonContent.Create(command, options: ContractsJson.Options));

    public async Task<T> PostAsync<TCommand, T>(string route, TCommand command)
    {
        using var response = await PostAsync(route, command);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options))!;
    }

    public async Task<(HttpStatusCode Status, RealtimeError Error)> RefusedAsync<TCommand>(string route, TCommand command)
    {
        using var response = await PostAsync(route, command);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<RealtimeError>(ContractsJson.Options))!);
    }

    public JoinPeerCommand Joining(string participant, string room = "room", long epoch = 1) =>
        new(NextId(), room, epoch, participant, $"user-{participant}", participant, Publish: true, Subscribe: true);

    public async Task<EventLines> OpenEventsAsync() =>
        new(await SendAsync(HttpMethod.Get, MediaRoutes.Events));

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>One reader of the event stream.</summary>
    public sealed class EventLines(HttpResponseMessage response) : IDisposable
    {
        readonly StreamReader reader = new(response.Content.ReadAsStream());

        public async Task<MediaEvent> NextAsync()
        {
            var line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
            return JsonSerializer.Deserialize<MediaEvent>(line!, ContractsJson.Options)!;
        }

        /// <summary>The next event that is no heartbeat.</summary>
        public async Task<MediaEvent> NextFactAsync()
        {
            while (true)
            {
                if (await NextAsync() is var e and not HeartbeatEvent) return e;
            }
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
