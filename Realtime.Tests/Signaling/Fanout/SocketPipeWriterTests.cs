using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Realtime.Signaling.Fanout;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>The socket gets every byte once and in order, however little it takes at a time.</summary>
public sealed class SocketPipeWriterTests(ITestOutputHelper output) : IDisposable
{
    readonly List<Socket> _sockets = [];

    /// <summary>Two ends of a connection with little room between them.</summary>
    async Task<(Socket Server, Socket Client)> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        _sockets.Add(client);
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        server.SendBufferSize = 4096;
        _sockets.Add(server);
        return (server, client);
    }

    [Fact]
    public async Task Every_byte_arrives_once_and_in_order()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (server, client) = await ConnectAsync();
        var writer = new SocketPipeWriter(server);
        using var sent = new MemoryStream();
        using var received = new MemoryStream();
        var reading = ReadAsync();
        var waited = 0;
        for (var i = 0; i < 200; i++)
        {
            var piece = new byte[random.Next(1, i % 10 == 0 ? 200_000 : 3000)];
            random.NextBytes(piece);
            sent.Write(piece);
            ValueTask<System.IO.Pipelines.FlushResult> flush;
            if (i % 3 == 0)
            {
                var half = piece.Length / 2;
                writer.Write(piece.AsSpan(0, half));
                writer.Write(piece.AsSpan(half));
                Assert.Equal(piece.Length, writer.UnflushedBytes);
                flush = writer.FlushAsync();
            }
            else
                flush = writer.WriteAsync(piece);
            // Whoever brought it may use its memory again, whether it is sent or not.
            Array.Clear(piece);
            waited += flush.IsCompleted ? 0 : 1;
            Assert.False((await flush.AsTask().WaitAsync(ManualTime.Patience)).IsCompleted);
        }
        server.Shutdown(SocketShutdown.Send);
        await reading.WaitAsync(ManualTime.Patience);
        Assert.Equal(sent.ToArray(), received.ToArray());
        Assert.NotEqual(0, waited);

        async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            var small = new Random(seed + 1);
            while (await client.ReceiveAsync(buffer.AsMemory(0, small.Next(1, buffer.Length))) is > 0 and var read)
                received.Write(buffer, 0, read);
        }
    }

    [Fact]
    public async Task A_write_never_waits_for_the_reader()
    {
        var (server, _) = await ConnectAsync();
        var writer = new SocketPipeWriter(server);
        // More than any buffer between the two takes; returns all the same.
        var flush = writer.WriteAsync(new byte[32 * 1024 * 1024]);
        Assert.False(flush.IsCompleted);
        server.Dispose();
        Assert.True((await flush.AsTask().WaitAsync(ManualTime.Patience)).IsCompleted);
    }

    [Fact]
    public async Task The_end_of_the_connection_is_a_result_and_no_exception()
    {
        var (server, client) = await ConnectAsync();
        var writer = new SocketPipeWriter(server);
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();
        var ended = false;
        for (var i = 0; i < 100 && !ended; i++)
            ended = (await writer.WriteAsync(new byte[64 * 1024]).AsTask().WaitAsync(ManualTime.Patience)).IsCompleted;
        Assert.True(ended);
        server.Dispose();
        Assert.True((await writer.WriteAsync(new byte[1])).IsCompleted);
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }
}
