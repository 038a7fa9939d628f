using System.Buffers;
using System.Buffers.Binary;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>Reads what a server sends by WebSocket, and insists on what RFC 6455 §5 asks of it: whole messages, unmasked, no reserved bits, the shortest length.</summary>
static class ServerFrames
{
    public const int Text = 1, Close = 8, Ping = 9, Pong = 10;

    /// <summary>Takes the next frame off the front. False: it has not come whole.</summary>
    public static bool TryTake(ref ReadOnlySequence<byte> stream, out int opcode, out byte[] payload)
    {
        (opcode, payload) = (0, []);
        if (stream.Length < 2)
            return false;
        var head = stream.Slice(0, Math.Min(10, stream.Length)).ToArray();
        Assert.Equal(0x80, head[0] & 0xf0);
        opcode = head[0] & 0x0f;
        Assert.Contains(opcode, new[] { Text, Close, Ping, Pong });
        Assert.InRange(head[1], 0, 127);
        var extra = head[1] switch { 126 => 2, 127 => 8, _ => 0 };
        if (head.Length < 2 + extra)
            return false;
        long length = extra switch { 2 => BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)), 8 => BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(2)), _ => head[1] };
        Assert.True(extra switch { 2 => length > 125, 8 => length > ushort.MaxValue, _ => true });
        Assert.True(opcode == Text || length <= 125);
        if (stream.Length < 2 + extra + length)
            return false;
        payload = stream.Slice(2 + extra, length).ToArray();
        stream = stream.Slice(2 + extra + length);
        return true;
    }

    /// <summary>All frames of a stream that ends with one.</summary>
    public static List<(int Opcode, byte[] Payload)> All(ReadOnlyMemory<byte> stream)
    {
        var frames = new List<(int, byte[])>();
        var rest = new ReadOnlySequence<byte>(stream);
        while (TryTake(ref rest, out var opcode, out var payload))
            frames.Add((opcode, payload));
        Assert.True(rest.IsEmpty);
        return frames;
    }
}
