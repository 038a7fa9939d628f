using System.Buffers.Binary;
using System.Text;

namespace Realtime.Bench.Signaling.Load;

/// <summary>What a client of RFC 6455 sends.</summary>
static class WebSocketBytes
{
    public const int Text = 1, Close = 8, Ping = 9, Pong = 10;

    public static byte[] Upgrade(string path, int port) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

    /// <summary>One frame, masked with zeros: the mask is required, what it is is not.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> payload, int opcode = Text)
    {
        var extra = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        var frame = new byte[2 + extra + 4 + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | (extra == 0 ? payload.Length : extra == 2 ? 126 : 127));
        if (extra == 2) BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        if (extra == 8) BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
        payload.CopyTo(frame.AsSpan(2 + extra + 4));
        return frame;
    }

    public static byte[] Frame(string payload) => Frame(Encoding.UTF8.GetBytes(payload));
}
