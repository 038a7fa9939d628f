using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>A connection to the hub that sends whatever it likes, and reads only when asked to.</summary>
public sealed class RawHub : IAsyncDisposable
{
    const char Separator = '\u001e';

    readonly ClientWebSocket _socket = new();

    /// <param name="source">The address to come from: limits per address see different clients.</param>
    public static async Task<RawHub> ConnectAsync(Uri server, string token, IPAddress? source = null)
    {
        var hub = new RawHub();
        hub._socket.Options.CollectHttpResponseDetails = true;
        // A small window: what is not read stays at the server.
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
                if (source is not null)
                    socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        await hub._socket.ConnectAsync(new Uri($"ws://{server.Authority}/hub?access_token={token}"), new HttpMessageInvoker(handler), default);
        await hub.SendAsync("{\"protocol\":\"json\",\"version\":1}" + Separator);
        return hub;
    }

    /// <summary>With which status an upgrade is refused; null: it is not.</summary>
    public static async Task<HttpStatusCode?> TryConnectAsync(Uri server, string token)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{server.Authority}/hub?access_token={token}"), default);
            return null;
        }
        catch (WebSocketException)
        {
            return socket.HttpStatusCode;
        }
    }

    public Task HelloAsync() => CallAsync("Hello", "{}", "0");

    public Task CallAsync(string method, string argument, string? id = null) =>
        SendAsync($"{{\"type\":1,{(id is null ? "" : $"\"invocationId\":\"{id}\",")}\"target\":\"{method}\",\"arguments\":[{argument}]}}{Separator}");

    /// <summary>False: the server is done with us.</summary>
    public async Task<bool> TrySendAsync(string text)
    {
        try
        {
            await SendAsync(text);
            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    /// <summary>Reads until the server says why it closes.</summary>
    /// <returns>Null: it ended without a word.</returns>
    public async Task<ClosingEvent?> ClosingAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var buffer = new byte[16 * 1024];
        var text = new StringBuilder();
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                var read = await _socket.ReceiveAsync(buffer, patience.Token);
                text.Append(Encoding.UTF8.GetString(buffer, 0, read.Count));
            }
        }
        catch (WebSocketException exception)
        {
            text.Append(Separator).Append(exception.Message);
        }
        foreach (var frame in text.ToString().Split(Separator).Where(static frame => frame.Contains("\"closing\"", StringComparison.Ordinal)))
            return JsonDocument.Parse(frame).RootElement.GetProperty("arguments")[0].Deserialize<ClosingEvent>(ContractsJson.Options);
        return null;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }
}
