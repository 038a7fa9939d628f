using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client.Connection;

/// <summary>
/// One WebSocket to the hub, used once. Calls are answered by their id; events are handed over on the receiving loop, in the order of arrival. At most <see cref="MaxCalls"/> calls wait for an
/// answer, one more is refused with <c>unavailable</c> (field <c>calls</c>).
/// </summary>
sealed class HubSocket(RealtimeClientOptions options, Action<string, JsonElement> handle, Action<Exception> report) : IAsyncDisposable
{
    public const int MaxCalls = 1000;

    /// <summary>So many pings of ours without a word from the server, and it is gone.</summary>
    const int SilentPings = 4;

    static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(2);

    readonly ClientWebSocket _webSocket = new();
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _calls = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ReceiveBuffer _buffer = new();
    readonly CancellationTokenSource _ending = new();
    HttpMessageInvoker? _invoker;
    ClosingEvent? _closing;
    long _calling;
    long _lastReceived;

    /// <summary>The server's announcement, if it made one.</summary>
    public ClosingEvent? Closing => _closing;

    /// <summary>Completes when the connection has ended; never fails.</summary>
    public Task Ended => _ended.Task;

    /// <exception cref="RealtimeException">It could not be made; the code says why.</exception>
    public async Task OpenAsync(string token, CancellationToken cancellation)
    {
        var uri = HubAddress.Of(options.Server);
        _invoker = new HttpMessageInvoker(options.CreateHandler?.Invoke() ?? HubAddress.Handler(options.SourceAddress));
        _webSocket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        _webSocket.Options.CollectHttpResponseDetails = true;
        // The hub's own pings say more: they pass through everything that messages pass through.
        _webSocket.Options.KeepAliveInterval = TimeSpan.Zero;
        try
        {
            await _webSocket.ConnectAsync(uri, _invoker, cancellation);
            await _webSocket.SendAsync(HubProtocol.Handshake, WebSocketMessageType.Text, true, cancellation);
            await ReadHandshakeAsync(cancellation);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or IOException or JsonException or InvalidDataException)
        {
            throw Refusal(exception);
        }
    }

    /// <summary>Receives until the connection has ended, for whatever reason; does not fail.</summary>
    public async Task RunAsync()
    {
        _lastReceived = Environment.TickCount64;
        var pings = PingAsync();
        try
        {
            while (TakeMessages() && await ReceiveAsync(_ending.Token))
                Interlocked.Exchange(ref _lastReceived, Environment.TickCount64);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            if (exception is not (WebSocketException or OperationCanceledException or ObjectDisposedException or IOException))
                report(exception);
        }
        _ended.TrySetResult();
        Abort();
        foreach (var call in _calls.Values)
            call.TrySetException(Lost());
        await pings;
    }

    /// <exception cref="RealtimeException">The server refused, or it is unknown what became of the call.</exception>
    public async Task<T> InvokeAsync<T>(string method, object argument, CancellationToken cancellation)
    {
        if (_calls.Count >= MaxCalls)
            throw new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"{MaxCalls} calls wait for an answer already.", "calls"));
        var id = Interlocked.Increment(ref _calling).ToString(CultureInfo.InvariantCulture);
        var call = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = call;
        try
        {
            // What ends the connection fails all calls; one added after that must not wait for it.
            if (_ended.Task.IsCompleted)
                throw RealtimeException.NotConnected();
            await SendAsync(HubProtocol.Invoke(id, method, argument), cancellation);
            var result = await call.Task.WaitAsync(options.CallTimeout, cancellation);
            return (result.ValueKind == JsonValueKind.Undefined ? default : result.Deserialize<T>(ContractsJson.Options)) ?? throw RealtimeException.Unknown($"{method} was answered with nothing.");
        }
        catch (TimeoutException exception)
        {
            throw RealtimeException.Unknown($"{method} was not answered within {options.CallTimeout}.", exception);
        }
        catch (JsonException exception)
        {
            throw RealtimeException.Unknown($"The answer to {method} cannot be read: {exception.Message}", exception);
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>A call that nobody answers.</summary>
    public Task SendAsync(string method, object argument, CancellationToken cancellation) => SendAsync(HubProtocol.Invoke(null, method, argument), cancellation);

    /// <summary>Says goodbye: the session ends at once. Whether or not the server is there to hear it, the connection has ended afterwards.</summary>
    public async Task CloseAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(s_closeTimeout);
            await SendAsync(HubProtocol.CloseMessage, timeout.Token);
            await _webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
            await _ended.Task.WaitAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is RealtimeException or WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The server was faster, or is gone: closed either way.
            Abort();
        }
        Abort();
    }

    /// <summary>Ends the connection without a word: the session waits for us.</summary>
    public void Abort()
    {
        _ending.Cancel();
        _webSocket.Abort();
    }

    public ValueTask DisposeAsync()
    {
        Abort();
        _webSocket.Dispose();
        _invoker?.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task ReadHandshakeAsync(CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> answer, rest;
        while (!HubProtocol.TryTake(_buffer.Received, out answer, out rest))
        {
            if (!await ReceiveAsync(cancellation))
                throw new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"Closed during the handshake ({_webSocket.CloseStatus})."));
        }
        using (var read = JsonDocument.Parse(answer))
        {
            if (read.RootElement.TryGetProperty("error", out var error))
                throw new RealtimeException(new RealtimeError(ErrorCode.Invalid, $"The handshake was refused: {error.GetString()}"));
        }
        _buffer.Keep(rest.Length);
    }

    async Task<bool> ReceiveAsync(CancellationToken cancellation)
    {
        var received = await _webSocket.ReceiveAsync(_buffer.Room(), cancellation);
        _buffer.Advance(received.Count);
        return received.MessageType != WebSocketMessageType.Close;
    }

    /// <summary>False after SignalR's Close.</summary>
    bool TakeMessages()
    {
        var rest = _buffer.Received;
        var goesOn = true;
        while (goesOn && HubProtocol.TryTake(rest, out var message, out rest))
        {
            using var read = JsonDocument.Parse(message);
            goesOn = Take(read.RootElement);
        }
        _buffer.Keep(rest.Length);
        return goesOn;
    }

    bool Take(JsonElement message)
    {
        var type = message.GetProperty("type").GetInt32();
        if (type == HubProtocol.Invocation)
            TakeEvent(message.GetProperty("target").GetString() ?? "", message.GetProperty("arguments")[0]);
        else if (type == HubProtocol.Completion && _calls.TryRemove(message.GetProperty("invocationId").GetString() ?? "", out var call))
        {
            if (message.TryGetProperty("error", out var error))
                call.TrySetException(RealtimeException.Parse(error.GetString() ?? ""));
            else
                call.TrySetResult(message.TryGetProperty("result", out var result) ? result.Clone() : default);
        }
        return type != HubProtocol.Close;
    }

    /// <summary>An event that we cannot make sense of is reported, and the next one is taken.</summary>
    void TakeEvent(string name, JsonElement payload)
    {
        try
        {
            if (name == HubEvent.Closing)
                _closing = payload.Deserialize<ClosingEvent>(ContractsJson.Options);
            else
                handle(name, payload);
        }
        catch (Exception exception)
        {
            report(exception);
        }
    }

    async Task PingAsync()
    {
        using var timer = new PeriodicTimer(options.PingInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                if (Environment.TickCount64 - Interlocked.Read(ref _lastReceived) > options.PingInterval.TotalMilliseconds * SilentPings)
                    Abort();
                else
                    await SendAsync(HubProtocol.PingMessage, _ending.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or RealtimeException)
        {
            // The connection has ended; the receiving loop notices by itself.
            Abort();
        }
    }

    async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ending.Token);
        try
        {
            await _sending.WaitAsync(both.Token);
            try
            {
                // Not to be cancelled by one caller alone: half a message would end the connection for all. A server that takes nothing is found by its silence.
                await _webSocket.SendAsync(message, WebSocketMessageType.Text, true, _ending.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException or InvalidOperationException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw RealtimeException.Unknown("The connection was lost.", exception);
        }
    }

    RealtimeException Refusal(Exception exception)
    {
        var retryAfter = _webSocket.HttpResponseHeaders is { } headers && headers.TryGetValue("Retry-After", out var values) && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds * 1000 : (int?)null;
        var code = _webSocket.HttpStatusCode switch
        {
            HttpStatusCode.Unauthorized => ErrorCode.Unauthenticated,
            HttpStatusCode.Forbidden => ErrorCode.Forbidden,
            HttpStatusCode.TooManyRequests => ErrorCode.RateLimited,
            _ => ErrorCode.Unavailable,
        };
        return new RealtimeException(new RealtimeError(code, $"Could not connect to {options.Server}: {exception.Message}", RetryAfterMs: retryAfter), exception);
    }

    RealtimeException Lost() => RealtimeException.Unknown("The connection was lost.");
}
