using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Realtime.Tests.Chaos.Misbehaving;

/// <summary>
/// As light as a client can be, because there are a thousand of them beside the servers: a WebSocket, a buffer, and a look for the mark of its channel's messages, each of which says when it
/// was sent.
/// </summary>
sealed class Bystander : IAsyncDisposable
{
    /// <summary>In the text of a message, before the time (ticks of the machine's clock) at which it was sent.</summary>
    public const string Mark = "sent@";

    const byte Separator = 0x1e;
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    static readonly byte[] s_mark = Encoding.UTF8.GetBytes(Mark);
    static readonly byte[] s_ping = Encoding.UTF8.GetBytes("{\"type\":6}\u001e");

    readonly ClientWebSocket _socket = new();
    readonly CancellationTokenSource _stop = new();
    readonly SemaphoreSlim _writing = new(1, 1);
    readonly Action<TimeSpan> _heard;
    readonly SocketsHttpHandler _handler;
    Task _running = Task.CompletedTask;
    long _received;

    Bystander(IPAddress source, Action<TimeSpan> heard)
    {
        _heard = heard;
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
    }

    /// <summary>Messages of its channel so far.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>The server let it go.</summary>
    public bool IsClosed => _running.IsCompleted;

    public static async Task<Bystander> EnterAsync(Uri server, string token, IPAddress source, string channel, Action<TimeSpan> heard)
    {
        var one = new Bystander(source, heard);
        using var patience = new CancellationTokenSource(s_patience);
        await one._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/hub", Query = "access_token=" + Uri.EscapeDataString(token) }.Uri, new HttpMessageInvoker(one._handler), patience.Token);
        await one.SayAsync("{\"protocol\":\"json\",\"version\":1}\u001e");
        await one.SayAsync("{\"type\":1,\"invocationId\":\"h\",\"target\":\"Hello\",\"arguments\":[{}]}\u001e");
        await one.SayAsync($"{{\"type\":1,\"invocationId\":\"j\",\"target\":\"JoinChannel\",\"arguments\":[{{\"channel\":\"{channel}\"}}]}}\u001e");
        var joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        one._running = Task.WhenAll(one.ReadAsync(joined), one.PingAsync());
        await Task.WhenAny(joined.Task, one._running).WaitAsync(patience.Token);
        return joined.Task.IsCompleted ? one : throw new InvalidOperationException("A bystander was not let in.");
    }

    /// <summary>Says something in its channel; nobody waits for the answer.</summary>
    public Task SendAsync(string channel) => SayAsync(
        $"{{\"type\":1,\"target\":\"SendMessage\",\"arguments\":[{{\"channel\":\"{channel}\",\"clientMessageId\":\"{Guid.NewGuid()}\",\"text\":\"{Mark}{Stopwatch.GetTimestamp()}\"}}]}}\u001e");

    async Task SayAsync(string text) => await SayAsync(Encoding.UTF8.GetBytes(text));

    async Task SayAsync(byte[] frame)
    {
        await _writing.WaitAsync(_stop.Token);
        try
        {
            await _socket.SendAsync(frame, WebSocketMessageType.Text, true, _stop.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    async Task PingAsync()
    {
        try
        {
            using var pace = new PeriodicTimer(TimeSpan.FromSeconds(8));
            while (await pace.WaitForNextTickAsync(_stop.Token))
                await SayAsync(s_ping);
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException)
        {
            // The reader says so.
            return;
        }
    }

    async Task ReadAsync(TaskCompletionSource joined)
    {
        var buffer = new byte[16 << 10];
        var held = 0;
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                if (held == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                var read = await _socket.ReceiveAsync(buffer.AsMemory(held), _stop.Token);
                held += read.Count;
                var taken = Take(buffer.AsSpan(0, held), joined);
                buffer.AsSpan(taken, held - taken).CopyTo(buffer);
                held -= taken;
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException)
        {
            // Let go, by us or by the server.
            return;
        }
        finally
        {
            await _stop.CancelAsync();
        }
    }

    /// <returns>Bytes of whole frames.</returns>
    int Take(ReadOnlySpan<byte> bytes, TaskCompletionSource joined)
    {
        var taken = 0;
        while (bytes[taken..].IndexOf(Separator) is >= 0 and var end)
        {
            var frame = bytes.Slice(taken, end);
            taken += end + 1;
            if (!joined.Task.IsCompleted)
            {
                if (frame.IndexOf("\"invocationId\":\"j\""u8) >= 0)
                    joined.TrySetResult();
            }
            else if (frame.IndexOf("\"messageCreated\""u8) is >= 0 and < 64 && frame.IndexOf(s_mark) is >= 0 and var at
                && System.Buffers.Text.Utf8Parser.TryParse(frame[(at + s_mark.Length)..], out long sentAt, out _))
            {
                Interlocked.Increment(ref _received);
                _heard(Stopwatch.GetElapsedTime(sentAt));
            }
        }
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _socket.Dispose();
        _handler.Dispose();
        _stop.Dispose();
        _writing.Dispose();
    }
}
