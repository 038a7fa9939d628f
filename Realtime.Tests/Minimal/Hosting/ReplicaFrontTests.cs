using System.Net;
using System.Net.WebSockets;
using System.Text;
using Aspire.Hosting.Runner;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

public sealed class ReplicaFrontTests : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private Uri[] _live = [];
    private Uri _front = null!;

    public async ValueTask InitializeAsync()
    {
        var port = FreePort.Tcp();
        _servers.Add(await ReplicaFront.StartAsync(port, () => _live));
        _front = new Uri($"http://127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task RequestsTakeTurns()
    {
        _live = [await ReplicaAsync("a"), await ReplicaAsync("b")];
        var answers = new List<string>();
        for (var n = 0; n < 6; n++)
            answers.Add(await _http.GetStringAsync(new Uri(_front, "/name"), CancellationToken.None));
        Assert.Equal((3, 3), (answers.Count(a => a == "a"), answers.Count(a => a == "b")));
    }

    [Fact]
    public async Task ADeadReplicaCostsNoRequest()
    {
        var dead = new Uri($"http://127.0.0.1:{FreePort.Tcp()}");
        _live = [dead, await ReplicaAsync("a")];
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal("a", await _http.GetStringAsync(new Uri(_front, "/name"), CancellationToken.None));
            using var posted = await _http.PostAsync(new Uri(_front, "/echo"), new StringContent($"body {n}"), CancellationToken.None);
            Assert.Equal($"body {n}", await posted.Content.ReadAsStringAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task AReplicasRefusalOfALargeBodyArrives()
    {
        _live = [await ReplicaAsync("a")];
        for (var n = 0; n < 5; n++)
        {
            using var refused = await _http.PostAsync(new Uri(_front, "/small"), new ByteArrayContent(new byte[8 << 20]), CancellationToken.None);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        }
    }

    [Fact]
    public async Task WithoutALiveReplicaItSaysWhenToTryAgain()
    {
        using var answer = await _http.GetAsync(new Uri(_front, "/name"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task TheReplicaSeesWhoAsked()
    {
        _live = [await ReplicaAsync("a")];
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_front, "/headers?q=1%2F2"));
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Add("X-Custom", "kept");
        request.Headers.Connection.Add("X-Custom-Hop");
        using var answer = await _http.SendAsync(request, CancellationToken.None);
        var lines = (await answer.Content.ReadAsStringAsync(CancellationToken.None)).Split('\n');
        Assert.Contains("X-Forwarded-For: 203.0.113.7, 127.0.0.1", lines);
        Assert.Contains("X-Forwarded-Proto: http", lines);
        Assert.Contains($"X-Forwarded-Host: {_front.Authority}", lines);
        Assert.Contains($"Host: {_front.Authority}", lines);
        Assert.Contains("X-Custom: kept", lines);
        Assert.Contains("?q=1%2F2", lines);
        Assert.Equal(["one", "two"], answer.Headers.GetValues("X-Many"));
    }

    [Fact]
    public async Task BodiesStreamBothWays()
    {
        _live = [await ReplicaAsync("a")];
        var sent = new byte[3_000_000];
        new Random(1).NextBytes(sent);
        using var answer = await _http.PostAsync(new Uri(_front, "/echo"), new ByteArrayContent(sent), CancellationToken.None);
        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync(CancellationToken.None));
    }

    [Fact]
    public async Task PartsOfAnAnswerArriveBeforeItEnds()
    {
        _live = [await ReplicaAsync("a")];
        using var answer = await _http.GetAsync(new Uri(_front, "/first-then-hang"), HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        await using var body = await answer.Content.ReadAsStreamAsync(CancellationToken.None);
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal("first", Encoding.ASCII.GetString(buffer));
    }

    [Fact]
    public async Task WebSocketsPassThrough_AndFailOverWhenTheyConnect()
    {
        _live = [new Uri($"http://127.0.0.1:{FreePort.Tcp()}"), await ReplicaAsync("a"), await ReplicaAsync("b")];
        var seen = new HashSet<string>();
        for (var n = 0; n < 6; n++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new Uri($"ws://{_front.Authority}/socket"), CancellationToken.None);
            await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, CancellationToken.None);
            var buffer = new byte[100];
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            seen.Add(Encoding.UTF8.GetString(buffer, 0, received.Count));
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
            Assert.Equal("bye", socket.CloseStatusDescription);
        }

        Assert.Equal(["a: hello", "b: hello"], seen.Order());
    }

    [Fact]
    public async Task WebSocketsTakeTurnsOfTheirOwn()
    {
        _live = [await ReplicaAsync("a"), await ReplicaAsync("b")];
        var answers = new List<string>();
        for (var n = 0; n < 4; n++)
        {
            // As a page does: it asks for a token, then it connects.
            await _http.GetStringAsync(new Uri(_front, "/name"), CancellationToken.None);
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new Uri($"ws://{_front.Authority}/socket"), CancellationToken.None);
            await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, CancellationToken.None);
            var buffer = new byte[100];
            answers.Add(Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).Count));
        }

        Assert.Equal((2, 2), (answers.Count(a => a == "a: hello"), answers.Count(a => a == "b: hello")));
    }

    [Fact]
    public async Task ASocketEndsWhenItsReplicaDies()
    {
        _live = [await ReplicaAsync("a")];
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_front.Authority}/socket"), CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes("die"), WebSocketMessageType.Text, true, CancellationToken.None);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[10].AsMemory(), CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None));
    }

    private async Task<Uri> ReplicaAsync(string name)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(context => AnswerAsync(context, name));
        await app.StartAsync();
        _servers.Add(app);
        return new Uri(app.Urls.Single());
    }

    private static async Task AnswerAsync(HttpContext context, string name)
    {
        switch (context.Request.Path.Value)
        {
            case "/name":
                await context.Response.WriteAsync(name);
                break;
            case "/small":
                // Unread, and the connection ends with the answer.
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                context.Response.Headers.Connection = "close";
                break;
            case "/echo":
                await context.Request.Body.CopyToAsync(context.Response.Body);
                break;
            case "/headers":
                context.Response.Headers.Append("X-Many", new[] { "one", "two" });
                await context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(h => $"{h.Key}: {h.Value}").Append(context.Request.QueryString.Value)));
                break;
            case "/first-then-hang":
                await context.Response.WriteAsync("first");
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "/socket":
                using (var socket = await context.WebSockets.AcceptWebSocketAsync())
                    await ConverseAsync(context, socket, name);
                break;
        }
    }

    private static async Task ConverseAsync(HttpContext context, WebSocket socket, string name)
    {
        var buffer = new byte[100];
        while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
        {
            var text = Encoding.UTF8.GetString(buffer, 0, received.Count);
            if (text == "die")
            {
                context.Abort();
                return;
            }

            await socket.SendAsync(Encoding.UTF8.GetBytes($"{name}: {text}"), WebSocketMessageType.Text, true, context.RequestAborted);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, context.RequestAborted);
    }
}
