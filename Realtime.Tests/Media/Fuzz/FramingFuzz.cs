using System.Net;
using System.Net.Sockets;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>RFC 4571 through a real connection, cut anywhere: the same frames come out as from the whole stream, or the connection ends.</summary>
public sealed class FramingFuzz
{
    static readonly TcpLimits Limits = new() { MaxPacket = 300 };

    [Fact]
    public void A_stream_gives_the_frames_it_holds_and_a_broken_one_ends()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var counters = new EdgeCounters();
        var connections = new TcpConnections(Limits, counters);
        var fuzzer = new Fuzzer("framing", 600, Corpus(), maxLength: 4096);
        fuzzer.Run(input =>
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.Connect(listener.LocalEndPoint!);
            var server = listener.Accept();
            server.Blocking = false;
            byte[] first = [0, 1, 0x55];
            var connection = connections.Adopt(Instant.Zero, new TcpHandover(server, NetAddress.From((IPEndPoint)server.RemoteEndPoint!), first))!;
            var (expected, isBroken) = Frames([.. first, .. input]);
            var got = new List<string>();
            Drain(connections, got);
            for (var sent = 0; sent < input.Length && !connection.IsClosed;)
            {
                var piece = Math.Min(input.Length - sent, 1 + fuzzer.Random.Next(fuzzer.Random.Next(2) == 0 ? 4 : 700));
                client.Send(input.AsSpan(sent, piece));
                sent += piece;
                server.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead);
                connections.MarkReady(connection.Number, readable: true, writable: false);
                Drain(connections, got);
            }

            Promise.Holds(expected.SequenceEqual(got), "the frames are those of the stream");
            Promise.Holds(connection.IsClosed == isBroken, "a stream that cannot be read ends its connection, no other does");
            Promise.Holds(connection.IsClosed || connection.PartialLength <= StreamFraming.HeaderLength + Limits.MaxPacket, "what is kept is less than a frame");
            if (connection.IsClosed) return;
            client.Dispose();
            server.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead);
            connections.MarkReady(connection.Number, readable: true, writable: false);
            Drain(connections, got);
            Promise.Holds(connection.IsClosed && counters.TcpConnections == 0, "a connection that ended is forgotten");
        });
        connections.CloseAll();
    }

    static void Drain(TcpConnections connections, List<string> frames)
    {
        while (connections.TryReceive(out _, out var frame)) frames.Add(Convert.ToHexString(frame));
    }

    static (List<string> Frames, bool IsBroken) Frames(byte[] stream)
    {
        var frames = new List<string>();
        var rest = stream.AsSpan();
        while (true)
        {
            var state = StreamFraming.TryRead(rest, Limits.MaxPacket, out var length);
            if (state != FrameState.Whole) return (frames, state == FrameState.TooLong);
            if (length > 0) frames.Add(Convert.ToHexString(rest.Slice(StreamFraming.HeaderLength, length)));
            rest = rest[(StreamFraming.HeaderLength + length)..];
        }
    }

    public static List<byte[]> Corpus()
    {
        var stream = new byte[1000];
        var used = 0;
        for (var i = 0; i < 20; i++) used += StreamFraming.Write(stream.AsSpan(used), new byte[i * 2]);
        return [stream[..used], [0, 0, 0, 0, 0, 1, 7], [1, 44, .. new byte[300]]];
    }
}
