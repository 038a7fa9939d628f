using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Realtime.Tests.MediaChaos;

/// <summary>
/// Between clients and a real TURN server over UDP: passes everything on, or loses or refuses the refreshes of allocations, so that relays that were given go away again. What it
/// is told to do holds from the next datagram on.
/// </summary>
sealed class TurnProxy : IAsyncDisposable
{
    const int StunHeader = 20;
    const ushort RefreshRequest = 0x0004;
    const ushort RefreshError = 0x0114;
    const ushort ErrorCode = 0x0009;
    const int Mismatch = 437;

    readonly Socket _front = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly ConcurrentDictionary<EndPoint, Socket> _behind = [];
    readonly IPEndPoint _server;
    readonly CancellationTokenSource _stop = new();
    readonly Task _running;
    long _refused;

    public TurnProxy(IPEndPoint server)
    {
        _server = server;
        _front.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _running = RunAsync();
    }

    /// <summary>Refreshes are answered with 437 (allocation mismatch) and never reach the server.</summary>
    public bool RefusesRefreshes { get; set; }

    public int Port => ((IPEndPoint)_front.LocalEndPoint!).Port;

    public long Refused => Interlocked.Read(ref _refused);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _front.Dispose();
        foreach (var socket in _behind.Values)
            socket.Dispose();
        await _running;
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        var buffer = new byte[64 * 1024];
        var answers = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _front.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var datagram = buffer.AsMemory(0, received.ReceivedBytes);
                if (RefusesRefreshes && IsRefresh(datagram.Span))
                {
                    Interlocked.Increment(ref _refused);
                    await _front.SendToAsync(Refusal(datagram.Span), SocketFlags.None, received.RemoteEndPoint, _stop.Token);
                    continue;
                }
                if (!_behind.TryGetValue(received.RemoteEndPoint, out var behind))
                {
                    _behind[received.RemoteEndPoint] = behind = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                    await behind.ConnectAsync(_server, _stop.Token);
                    answers.Add(AnswerAsync(received.RemoteEndPoint, behind));
                }
                await behind.SendAsync(datagram, SocketFlags.None, _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException)
            {
                // Nobody listens on the other side at the moment: as lost on the way.
            }
        }
        await Task.WhenAll(answers);
    }

    async Task AnswerAsync(EndPoint client, Socket behind)
    {
        var buffer = new byte[64 * 1024];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var length = await behind.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                await _front.SendToAsync(buffer.AsMemory(0, length), SocketFlags.None, client, _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The server is away.
            }
        }
    }

    static bool IsRefresh(ReadOnlySpan<byte> datagram) => datagram.Length >= StunHeader && BinaryPrimitives.ReadUInt16BigEndian(datagram) == RefreshRequest;

    // | type | length | cookie | transaction | ERROR-CODE: 0, 0, class, number, no text | (RFC 8489 §14.8)
    static byte[] Refusal(ReadOnlySpan<byte> request)
    {
        var answer = new byte[StunHeader + 8];
        request[..StunHeader].CopyTo(answer);
        BinaryPrimitives.WriteUInt16BigEndian(answer, RefreshError);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), 8);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(StunHeader), ErrorCode);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(StunHeader + 2), 4);
        answer[StunHeader + 6] = Mismatch / 100;
        answer[StunHeader + 7] = Mismatch % 100;
        return answer;
    }
}
