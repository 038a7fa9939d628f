using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;

namespace Realtime.Tests.Web;

/// <summary>As much of signaling as the pages meet: tokens, the admin feed, and the hub with channels and a call in which no media flows.</summary>
sealed class FakeSignaling : IAsyncDisposable
{
    public const string KeyId = "dev";
    public const string KeySecret = "dev-secret-change-me-32-bytes-long!";

    readonly WebApplication _app;
    readonly Channel<AdminSnapshot> _feed = System.Threading.Channels.Channel.CreateUnbounded<AdminSnapshot>();

    int _followers;

    FakeSignaling(WebApplication app) => _app = app;

    /// <summary>What paths are answered with, as JSON; others are not found.</summary>
    public ConcurrentDictionary<string, object> Answers { get; } = new();

    /// <summary>What was asked for besides tokens and the feed: method, path, body, and who the token names.</summary>
    public ConcurrentQueue<(string Method, string Path, string Body, string? User)> Calls { get; } = new();

    /// <summary>Readers of the feed so far.</summary>
    public int Followers => Volatile.Read(ref _followers);

    public Uri Address => new(_app.Urls.First());

    public FakeHubState Hub => _app.Services.GetRequiredService<FakeHubState>();

    /// <summary>What the next token requests are answered with; null: a token.</summary>
    public int? RefuseTokensWith { get; set; }

    public List<(string Authorization, TokenRequest Request)> TokenRequests { get; } = [];

    /// <summary>Sends a snapshot to whoever follows the feed.</summary>
    public void Publish(AdminSnapshot snapshot) => _feed.Writer.TryWrite(snapshot);

    /// <summary>Ends the feed: the reader has to open it anew.</summary>
    public void BreakFeed() => _feed.Writer.TryComplete();

    public static async Task<FakeSignaling> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<FakeHubState>();
        builder.Services.AddSignalR().AddJsonProtocol(static options => ContractsJson.Apply(options.PayloadSerializerOptions));
        var app = builder.Build();
        var fake = new FakeSignaling(app);
        app.MapHub<FakeHub>("/hub");
        app.MapPost("/api/tokens", fake.MintAsync);
        app.MapGet("/api/admin/feed", fake.FeedAsync);
        app.MapFallback((Delegate)fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    async Task<IResult> MintAsync(HttpRequest http)
    {
        var request = await http.ReadFromJsonAsync<TokenRequest>(ContractsJson.Options);
        lock (TokenRequests)
            TokenRequests.Add((http.Headers.Authorization.ToString(), request!));
        if (RefuseTokensWith is { } status)
            return Results.StatusCode(status);
        // Not signed: the fake hub reads who it is and believes it.
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{request!.User}\n{request.Name}"));
        return Results.Json(new TokenResponse(token, DateTimeOffset.UtcNow.AddHours(1)), ContractsJson.Options);
    }

    async Task<IResult> AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var claims = http.Request.Headers.Authorization.ToString().Split('.') is [_, var middle, _] ? JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(middle)) : default;
        Calls.Enqueue((http.Request.Method, http.Request.Path, body, claims.ValueKind == JsonValueKind.Object ? claims.GetProperty("sub").GetString() : null));
        return Answers.TryGetValue(http.Request.Path, out var answer) ? Results.Json(answer, ContractsJson.Options)
            : HttpMethods.IsGet(http.Request.Method) ? Results.NotFound()
            : Results.NoContent();
    }

    async Task FeedAsync(HttpContext http)
    {
        Interlocked.Increment(ref _followers);
        http.Response.ContentType = "text/event-stream";
        await http.Response.StartAsync();
        await foreach (var snapshot in _feed.Reader.ReadAllAsync(http.RequestAborted))
        {
            await http.Response.WriteAsync($"data: {System.Text.Json.JsonSerializer.Serialize(snapshot, ContractsJson.Options)}\n\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
