using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Realtime.Tests.Signaling.Webhooks;

/// <summary>What came to the receiver.</summary>
sealed record Call(string Path, string Id, string Timestamp, string Signature, string Body);

/// <summary>Somebody's webhook receiver on this machine; answers as the test says.</summary>
sealed class Receiver : IAsyncDisposable
{
    readonly WebApplication _app;

    Receiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/{**path}", TakeAsync);
    }

    public ConcurrentQueue<Call> Calls { get; } = [];

    /// <summary>The status; called with the path after the call was noted.</summary>
    public Func<string, HttpContext, Task<int>> Answer { get; set; } = static (_, _) => Task.FromResult(204);

    public string Url(string path) => $"{_app.Urls.Single()}/{path}";

    public IReadOnlyList<Call> At(string path) => [.. Calls.Where(call => call.Path == path)];

    /// <summary>Which messages of their channel the calls tell of.</summary>
    public static int[] Seqs(IEnumerable<Call> calls) => [.. calls.Select(static call => JsonDocument.Parse(call.Body).RootElement.GetProperty("data").GetProperty("seq").GetInt32())];

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    async Task TakeAsync(HttpContext http, string path)
    {
        using var reader = new StreamReader(http.Request.Body);
        var headers = http.Request.Headers;
        Calls.Enqueue(new Call(path, headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), await reader.ReadToEndAsync()));
        http.Response.StatusCode = await Answer(path, http);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
