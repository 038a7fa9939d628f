using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Realtime.Tests.Harness;

/// <summary>A connection to a browser's WebDriver BiDi port: commands and their answers; events are passed over.</summary>
sealed class BidiConnection : IAsyncDisposable
{
    static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    readonly ClientWebSocket _socket = new();
    readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    readonly SemaphoreSlim _sending = new(1, 1);
    Task _reading = Task.CompletedTask;
    int _lastId;

    BidiConnection()
    {
    }

    public static async Task<BidiConnection> OpenAsync(Uri uri)
    {
        var connection = new BidiConnection();
        using var timeout = new CancellationTokenSource(s_timeout);
        await connection._socket.ConnectAsync(uri, timeout.Token);
        connection._reading = connection.ReadAsync();
        await connection.CallAsync("session.new", new JsonObject { ["capabilities"] = new JsonObject() });
        return connection;
    }

    /// <returns>The answer's <c>result</c>.</returns>
    public async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        using var timeout = new CancellationTokenSource(s_timeout);
        await _sending.WaitAsync(timeout.Token);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(s_timeout);
    }

    /// <summary>Calls a function without arguments in the page; what it returns, when that is a string, otherwise null.</summary>
    public async Task<string?> EvaluateAsync(string context, string function)
    {
        var result = await CallAsync("script.callFunction", new JsonObject
        {
            ["functionDeclaration"] = function,
            ["awaitPromise"] = true,
            ["target"] = new JsonObject { ["context"] = context },
        });
        if ((string?)result["type"] == "exception")
            throw new InvalidOperationException($"The page threw: {result["exceptionDetails"]?["text"]}");
        return (string?)result["result"]?["type"] == "string" ? (string?)result["result"]!["value"] : null;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
    }

    async Task ReadAsync()
    {
        var buffer = new byte[64 << 10];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (read.MessageType == WebSocketMessageType.Close)
                    break;
                message.Write(buffer, 0, read.Count);
                if (!read.EndOfMessage)
                    continue;
                Take(JsonNode.Parse(message.ToArray())!);
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or JsonException)
        {
            Fail(exception);
            return;
        }

        Fail(new WebSocketException("The browser closed the connection."));
    }

    void Take(JsonNode message)
    {
        if ((int?)message["id"] is not { } id || !_waiting.TryRemove(id, out var answer))
            return;
        if ((string?)message["type"] == "error")
            answer.SetException(new InvalidOperationException($"{message["error"]}: {message["message"]}"));
        else
            answer.SetResult(message["result"]!);
    }

    void Fail(Exception exception)
    {
        foreach (var (id, _) in _waiting)
        {
            if (_waiting.TryRemove(id, out var answer))
                answer.TrySetException(exception);
        }
    }
}
