using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Realtime.Bench.Servers;

/// <summary>One session of the Janus API over one WebSocket; requests are matched with answers by transaction.</summary>
sealed class JanusSession : IAsyncDisposable
{
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    readonly ClientWebSocket socket;
    readonly ConcurrentDictionary<string, TaskCompletionSource<JsonObject>> waiting = new();
    readonly SemaphoreSlim sending = new(1);
    readonly CancellationTokenSource stopping = new();
    Task reading = Task.CompletedTask;
    long id;
    int transactions;

    JanusSession(ClientWebSocket socket) => this.socket = socket;

    /// <summary>Null while nobody listens.</summary>
    public static async Task<JanusSession?> TryConnectAsync(int port, CancellationToken stop)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("janus-protocol");
        try
        {
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}"), stop);
        }
        catch (WebSocketException)
        {
            socket.Dispose();
            return null;
        }

        var session = new JanusSession(socket);
        session.reading = session.ReadAsync();
        session.id = IdOf(await session.SendAsync(new JsonObject { ["janus"] = "create" }));
        return session;
    }

    public async Task<long> AttachAsync() => IdOf(await SendAsync(new JsonObject { ["janus"] = "attach", ["session_id"] = id, ["plugin"] = "janus.plugin.videoroom" }));

    public Task DetachAsync(long handle) => SendAsync(new JsonObject { ["janus"] = "detach", ["session_id"] = id, ["handle_id"] = handle });

    /// <summary>A message to the plugin; returns its event and the SDP that came with it.</summary>
    public async Task<(JsonObject Data, string? Sdp)> AskAsync(long handle, JsonObject body, string? sdpType = null, string? sdp = null)
    {
        var request = new JsonObject { ["janus"] = "message", ["session_id"] = id, ["handle_id"] = handle, ["body"] = body };
        if (sdp is not null) request["jsep"] = new JsonObject { ["type"] = sdpType, ["sdp"] = sdp };
        var answer = await SendAsync(request);
        var data = answer["plugindata"]?["data"] as JsonObject ?? [];
        if (data["error"] is { } error) throw new InvalidOperationException($"Janus: {error}");
        return (data, answer["jsep"]?["sdp"]?.GetValue<string>());
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        socket.Abort();
        await reading;
        socket.Dispose();
        sending.Dispose();
        stopping.Dispose();
    }

    async Task<JsonObject> SendAsync(JsonObject request)
    {
        var transaction = $"t{Interlocked.Increment(ref transactions)}";
        request["transaction"] = transaction;
        var answer = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[transaction] = answer;
        await sending.WaitAsync();
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(request.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, stopping.Token);
        }
        finally
        {
            sending.Release();
        }

        var result = await answer.Task.WaitAsync(AnswerTimeout);
        if (result["janus"]?.GetValue<string>() == "error") throw new InvalidOperationException($"Janus: {result["error"]}");
        return result;
    }

    async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), stopping.Token);
                if (received.MessageType == WebSocketMessageType.Close) return;
                message.Write(buffer, 0, received.Count);
                if (!received.EndOfMessage) continue;
                Take(JsonNode.Parse(message.ToArray())!.AsObject());
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            foreach (var answer in waiting.Values) answer.TrySetException(new IOException("Janus hung up.", exception));
        }
    }

    void Take(JsonObject message)
    {
        // An ack says that an event will follow under the same transaction.
        if (message["janus"]?.GetValue<string>() == "ack" || message["transaction"]?.GetValue<string>() is not { } transaction) return;
        if (waiting.TryRemove(transaction, out var answer)) answer.TrySetResult(message);
    }

    static long IdOf(JsonObject answer) => answer["data"]!["id"]!.GetValue<long>();
}
