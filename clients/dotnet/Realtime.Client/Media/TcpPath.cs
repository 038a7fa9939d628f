using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using Realtime.Media.Core;

namespace Realtime.Client.Media;

/// <summary>
/// One ICE-TCP connection (RFC 6544, active) with frames of RFC 4571: two bytes of length before each datagram. Made by the first thing that is sent; at most <see cref="MaxWaiting"/> datagrams
/// wait for a slow network, more are lost, as UDP would lose them.
/// </summary>
sealed class TcpPath : IDisposable
{
    public const int MaxWaiting = 1024;

    /// <summary>A connection that takes longer leads nowhere.</summary>
    static readonly TimeSpan s_connectWithin = TimeSpan.FromSeconds(5);

    const int LengthBytes = 2;

    readonly NetAddress _to;
    readonly Action<byte[]> _received;
    readonly CancellationTokenSource _ending;
    readonly Channel<byte[]> _waiting = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public TcpPath(NetAddress to, Action<byte[]> received, CancellationToken ending)
    {
        (_to, _received) = (to, received);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(ending);
    }

    /// <summary>The next datagram needs a new one.</summary>
    public bool HasEnded { get; private set; }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        var frame = new byte[LengthBytes + datagram.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)datagram.Length);
        datagram.CopyTo(frame.AsSpan(LengthBytes));
        _waiting.Writer.TryWrite(frame);
    }

    /// <summary>Returns when the connection has ended, for whatever reason: the peer's silence says it to whom it concerns.</summary>
    public async Task RunAsync()
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token))
            {
                timeout.CancelAfter(s_connectWithin);
                await socket.ConnectAsync(_to.ToIPEndPoint(), timeout.Token);
            }
            await using var stream = new NetworkStream(socket);
            await await Task.WhenAny(SendAsync(stream), ReceiveAsync(stream));
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Refused, reset, or not needed any more.
            HasEnded = true;
        }
        HasEnded = true;
        await _ending.CancelAsync();
    }

    public void Dispose() => _ending.Cancel();

    async Task SendAsync(NetworkStream stream)
    {
        await foreach (var frame in _waiting.Reader.ReadAllAsync(_ending.Token))
            await stream.WriteAsync(frame, _ending.Token);
    }

    async Task ReceiveAsync(NetworkStream stream)
    {
        var length = new byte[LengthBytes];
        while (true)
        {
            await stream.ReadExactlyAsync(length, _ending.Token);
            var datagram = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(datagram, _ending.Token);
            _received(datagram);
        }
    }
}
