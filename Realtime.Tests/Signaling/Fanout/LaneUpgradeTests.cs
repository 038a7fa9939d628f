using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Signaling.Fanout;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>
/// What a client gets to see on the wire, with a client that writes its frames by hand: the lanes' frames and what the WebSocket says by itself, whole, between each other, and nothing
/// after the close frame.
/// </summary>
public sealed class LaneUpgradeTests : IAsyncLifetime
{
    readonly WebApplication _app;
    readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly List<byte> _unread = [];
    readonly LaneLoops _loops = new();

    public LaneUpgradeTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddConnections();
        _app = builder.Build();
        _app.Use((http, next) =>
        {
            LaneUpgrade.Prepare(http, TimeProvider.System, _loops.Start);
            return next(http);
        });
        _app.UseWebSockets();
        _app.MapConnections("/hub", new HttpConnectionDispatcherOptions { Transports = HttpTransportType.WebSockets }, static builder => builder.Run(ServeAsync));
    }

    /// <summary>Answers each message with as many frames as it says; none, or fewer than none, is answered with the end after them.</summary>
    static async Task ServeAsync(ConnectionContext connection)
    {
        var lanes = await connection.GetHttpContext()!.Features.Get<LaneUpgrade>()!.Lanes;
        var output = connection.Transport.Output;
        (lanes.Aborted, lanes.Finished) = (connection.Abort, () => output.Complete());
        var own = new LanePipeWriter(lanes);
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync();
            var said = read.Buffer.IsEmpty ? 0 : int.Parse(Encoding.UTF8.GetString(read.Buffer));
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            for (var i = 0; i < Math.Abs(said); i++)
                lanes.Send(HubFrames.Encode("n", i));
            if (said != 0)
                await own.WriteAsync("own\u001e"u8.ToArray());
            if (said <= 0)
                break;
        }
        own.Complete();
        await lanes.EndAsync();
    }

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        var port = new Uri(_app.Urls.Single()).Port;
        await _client.ConnectAsync(IPAddress.Loopback, port);
        await _client.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /hub HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        var head = "";
        while (!head.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.True(await ReceiveAsync());
            head = Encoding.ASCII.GetString([.. _unread]);
        }
        Assert.StartsWith("HTTP/1.1 101", head);
        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head);
        _unread.RemoveRange(0, head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4);
    }

    async Task<bool> ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(ManualTime.Patience);
        var read = await _client.ReceiveAsync(buffer, patience.Token);
        _unread.AddRange(buffer.AsSpan(0, read));
        return read > 0;
    }

    async Task<(int Opcode, string Text)> FrameAsync()
    {
        while (true)
        {
            var rest = new ReadOnlySequence<byte>(_unread.ToArray());
            var before = rest.Length;
            if (ServerFrames.TryTake(ref rest, out var opcode, out var payload))
            {
                _unread.RemoveRange(0, (int)(before - rest.Length));
                return (opcode, opcode == ServerFrames.Close ? $"{BinaryPrimitives.ReadUInt16BigEndian(payload)}" : Encoding.UTF8.GetString(payload));
            }
            Assert.True(await ReceiveAsync(), "The server ended the connection.");
        }
    }

    Task SayAsync(int opcode, string text, bool final = true, bool masked = true) => SayAsync(opcode, Encoding.UTF8.GetBytes(text), final, masked);

    async Task SayAsync(int opcode, byte[] payload, bool final = true, bool masked = true)
    {
        byte[] mask = [1, 2, 3, 4];
        for (var i = 0; masked && i < payload.Length; i++)
            payload[i] ^= mask[i % 4];
        await _client.SendAsync((byte[])[(byte)((final ? 0x80 : 0) | opcode), (byte)((masked ? 0x80 : 0) | payload.Length), .. masked ? mask : [], .. payload]);
    }

    async Task ExpectEndAsync()
    {
        Assert.Empty(_unread);
        try
        {
            Assert.False(await ReceiveAsync());
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What we said and nobody read makes the end a reset.
            Assert.Empty(_unread);
        }
    }

    [Fact]
    public async Task Messages_and_pongs_stand_between_each_other()
    {
        await SayAsync(ServerFrames.Text, "2");
        Assert.Equal((ServerFrames.Text, "{\"type\":1,\"target\":\"n\",\"arguments\":[0]}\u001e"), await FrameAsync());
        Assert.Equal((ServerFrames.Text, "{\"type\":1,\"target\":\"n\",\"arguments\":[1]}\u001e"), await FrameAsync());
        Assert.Equal((ServerFrames.Text, "own\u001e"), await FrameAsync());
        await SayAsync(ServerFrames.Ping, "are you there");
        Assert.Equal((ServerFrames.Pong, "are you there"), await FrameAsync());
        // In pieces, with a ping in the middle. What is not of the protocol's is handed on as it comes: here each piece is a call.
        await SayAsync(ServerFrames.Text, "1", final: false);
        Assert.Equal((ServerFrames.Text, "{\"type\":1,\"target\":\"n\",\"arguments\":[0]}\u001e"), await FrameAsync());
        Assert.Equal((ServerFrames.Text, "own\u001e"), await FrameAsync());
        await SayAsync(ServerFrames.Ping, "");
        Assert.Equal((ServerFrames.Pong, ""), await FrameAsync());
        await SayAsync(0, "1");
        Assert.Equal(ServerFrames.Text, (await FrameAsync()).Opcode);
        Assert.Equal(ServerFrames.Text, (await FrameAsync()).Opcode);
    }

    [Fact]
    public async Task A_goodbye_is_answered_and_is_the_last()
    {
        await SayAsync(ServerFrames.Close, (byte[])[0x03, 0xe8]);
        Assert.Equal((ServerFrames.Close, "1000"), await FrameAsync());
        await ExpectEndAsync();
    }

    [Fact]
    public async Task The_servers_end_comes_after_its_last_frame()
    {
        // In one message: two may be read as one.
        await SayAsync(ServerFrames.Text, "-1");
        Assert.Equal(ServerFrames.Text, (await FrameAsync()).Opcode);
        Assert.Equal((ServerFrames.Text, "own\u001e"), await FrameAsync());
        Assert.Equal((ServerFrames.Close, "1000"), await FrameAsync());
        await SayAsync(ServerFrames.Close, "");
        await ExpectEndAsync();
    }

    [Theory]
    [InlineData(3, "an opcode that does not exist", true)]
    [InlineData(ServerFrames.Text, "no mask", false)]
    public async Task What_breaks_the_protocol_is_told_so_and_nothing_else(int opcode, string text, bool masked)
    {
        await SayAsync(opcode, text, masked: masked);
        Assert.Equal((ServerFrames.Close, "1002"), await FrameAsync());
        await ExpectEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _loops.DisposeAsync();
    }
}
