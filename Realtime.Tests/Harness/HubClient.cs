using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>
/// One hub connection over a WebSocket, without negotiation. It never reconnects (<see cref="ChatClient"/> does) and hides
/// nothing: every event is handed over once, in the order of arrival.
/// </summary>
public sealed class HubClient : IAsyncDisposable
{
    /// <summary>Events that wait to be read; a test that falls further behind fails instead of missing one.</summary>
    public const int MaxEvents = 65_536;

    const int MaxMessageBytes = 4 << 20;
    static readonly TimeSpan s_silenceMargin = TimeSpan.FromSeconds(15);
    static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(5);

    readonly HubClientOptions _options;
    readonly ClientWebSocket _webSocket = new();
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _calls = new();
    readonly Channel<HubEventMessage> _events = Channel.CreateBounded<HubEventMessage>(new BoundedChannelOptions(MaxEvents) { SingleWriter = true });
    readonly TaskCompletionSource<HubClosed> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _ending = new();
    Socket? _socket;
    Task _loops = Task.CompletedTask;
    ClosingEvent? _closing;
    long _calling;
    long _lastReceived = Environment.TickCount64;

    HubClient(HubClientOptions options) => _options = options;

    /// <summary>Completes when the connection has ended and every event before that has been read.</summary>
    public ChannelReader<HubEventMessage> Events => _events.Reader;

    public Task<HubClosed> Closed => _closed.Task;

    public Uri Server => _options.Server;

    /// <exception cref="HubConnectionException">It could not be made.</exception>
    public static async Task<HubClient> ConnectAsync(HubClientOptions options, CancellationToken cancellation = default)
    {
        var client = new HubClient(options);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.ConnectTimeout);
        try
        {
            await client.OpenAsync(timeout.Token);
            return client;
        }
        catch (Exception exception) when (exception is not HubConnectionException)
        {
            client._socket?.Dispose();
            client._webSocket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw new HubConnectionException($"Could not connect to {options.Server}: {exception.Message}", exception);
        }
    }

    /// <exception cref="HubCallException">The server refused.</exception>
    /// <exception cref="HubConnectionException">The connection was lost, or no answer came in time.</exception>
    public async Task<T> InvokeAsync<T>(string method, object? argument, CancellationToken cancellation = default)
    {
        var id = Interlocked.Increment(ref _calling).ToString(CultureInfo.InvariantCulture);
        var call = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = call;
        try
        {
            // The loop that ends the connection fails all calls; one added after that must not wait for it.
            if (_closed.Task.IsCompleted)
                throw Lost();
            await SendAsync(HubProtocol.Invoke(id, method, argument), cancellation);
            var result = await call.Task.WaitAsync(_options.InvokeTimeout, cancellation);
            return result.Deserialize<T>(ContractsJson.Options) ?? throw new JsonException($"{method} returned null.");
        }
        catch (HubErrorException exception)
        {
            throw new HubCallException(method, HubProtocol.ReadError(exception.Message));
        }
        catch (TimeoutException exception)
        {
            throw new HubConnectionException($"{method} was not answered within {_options.InvokeTimeout}.", exception);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException or InvalidOperationException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested)) // So an aborted WebSocket ends a send.
        {
            throw new HubConnectionException($"{method} could not be sent: {exception.Message}", exception);
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>Ends the connection as a process that dies would: with a reset, without a word.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _socket, null) is { } socket)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }
            catch (ObjectDisposedException exception)
            {
                _closed.TrySetResult(new HubClosed(_closing, exception.Message));
            }
        }
        _ending.Cancel();
    }

    /// <summary>A clean close: SignalR's Close, then the WebSocket's.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await SendAsync(HubProtocol.CloseMessage, CancellationToken.None);
            using var timeout = new CancellationTokenSource(s_closeTimeout);
            await _webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
            await _closed.Task.WaitAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The server was faster, or is dead: closed either way.
            Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Abort();
        await _loops;
        _webSocket.Dispose();
    }

    async Task OpenAsync(CancellationToken cancellation)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _socket = socket;
                if (_options.SourceAddress is { } source)
                    socket.Bind(new System.Net.IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        if (_options.ForwardedFor is { } forwarded)
            _webSocket.Options.SetRequestHeader("X-Forwarded-For", forwarded);
        var uri = new UriBuilder(_options.Server) { Scheme = "ws", Path = "/hub", Query = "access_token=" + Uri.EscapeDataString(_options.Token) }.Uri;
        await _webSocket.ConnectAsync(uri, new HttpMessageInvoker(handler), cancellation);
        await _webSocket.SendAsync(HubProtocol.Handshake, WebSocketMessageType.Text, true, cancellation);

        var buffer = new ArrayBufferWriter<byte>();
        while (!buffer.WrittenSpan.Contains(HubProtocol.Separator))
        {
            if (!await ReceiveAsync(buffer, cancellation))
                throw new HubConnectionException($"Closed during the handshake ({_webSocket.CloseStatus}).");
        }
        var end = buffer.WrittenSpan.IndexOf(HubProtocol.Separator);
        using (var answer = JsonDocument.Parse(buffer.WrittenMemory[..end]))
        {
            if (answer.RootElement.TryGetProperty("error", out var error))
                throw new HubConnectionException($"The handshake was refused: {error.GetString()}");
        }
        var rest = new ArrayBufferWriter<byte>();
        rest.Write(buffer.WrittenSpan[(end + 1)..]);
        _loops = Task.WhenAll(ReceiveLoopAsync(rest), PingLoopAsync());
    }

    async Task ReceiveLoopAsync(ArrayBufferWriter<byte> buffer)
    {
        var reason = "the server closed it";
        try
        {
            do
                Interlocked.Exchange(ref _lastReceived, Environment.TickCount64);
            while (TakeMessages(buffer) && await ReceiveAsync(buffer, _ending.Token));
            reason += $" ({_webSocket.CloseStatus})";
        }
        catch (Exception exception)
        {
            reason = exception.Message;
        }
        _closed.TrySetResult(new HubClosed(_closing, reason));
        foreach (var call in _calls.Values)
            call.TrySetException(Lost());
        _events.Writer.TryComplete();
        Abort();
    }

    async Task<bool> ReceiveAsync(ArrayBufferWriter<byte> buffer, CancellationToken cancellation)
    {
        if (buffer.WrittenCount > MaxMessageBytes)
            throw new InvalidDataException("The server sends a message without end.");
        var received = await _webSocket.ReceiveAsync(buffer.GetMemory(16 << 10), cancellation);
        buffer.Advance(received.Count);
        return received.MessageType != WebSocketMessageType.Close;
    }

    /// <returns>False after SignalR's Close.</returns>
    bool TakeMessages(ArrayBufferWriter<byte> buffer)
    {
        var written = buffer.WrittenMemory;
        var goesOn = true;
        while (goesOn && written.Span.IndexOf(HubProtocol.Separator) is >= 0 and var end)
        {
            using (var message = JsonDocument.Parse(written[..end]))
                goesOn = Take(message.RootElement);
            written = written[(end + 1)..];
        }
        var rest = written.ToArray();
        buffer.Clear();
        buffer.Write(rest);
        return goesOn;
    }

    bool Take(JsonElement message)
    {
        switch (message.GetProperty("type").GetInt32())
        {
            case HubProtocol.Invocation:
                var hubEvent = new HubEventMessage(message.GetProperty("target").GetString()!, message.GetProperty("arguments")[0].Clone());
                if (hubEvent.Name == HubEvent.Closing)
                    _closing = hubEvent.Read<ClosingEvent>();
                return _events.Writer.TryWrite(hubEvent) ? true : throw new InvalidOperationException($"The test does not read its events: {MaxEvents} wait.");
            case HubProtocol.Completion when _calls.TryRemove(message.GetProperty("invocationId").GetString()!, out var call):
                if (message.TryGetProperty("error", out var error))
                    call.TrySetException(new HubErrorException(error.GetString()!));
                else
                    call.TrySetResult(message.TryGetProperty("result", out var result) ? result.Clone() : default);
                return true;
            default:
                return message.GetProperty("type").GetInt32() != HubProtocol.Close;
        }
    }

    async Task PingLoopAsync()
    {
        var silence = (_options.PingInterval * 3) + s_silenceMargin;
        using var timer = new PeriodicTimer(_options.PingInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                await SendAsync(HubProtocol.PingMessage, _ending.Token);
                if (Environment.TickCount64 - Interlocked.Read(ref _lastReceived) > silence.TotalMilliseconds)
                    Abort();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // The connection has ended; the receiving loop says why.
            Abort();
        }
    }

    async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            await _webSocket.SendAsync(message, WebSocketMessageType.Text, true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    HubConnectionException Lost() => new($"The connection to {_options.Server} was lost: {_closed.Task.Result.Reason}.");

    sealed class HubErrorException(string message) : Exception(message);
}
