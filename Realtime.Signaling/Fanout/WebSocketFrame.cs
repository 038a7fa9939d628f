using System.Buffers.Binary;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// The head of a server's WebSocket frame (RFC 6455 §5.2): a whole message in one frame, unmasked.
/// <code>
///  byte 0      byte 1        then
/// +---------+--------------+----------------------------------------+
/// |FIN 1    |MASK 0        | nothing        length 0 … 125          |
/// |RSV 000  |length, or    | 16 bits        length 126 … 65,535     |
/// |opcode   |126, or 127   | 64 bits        longer                  |
/// +---------+--------------+----------------------------------------+
/// </code>
/// </summary>
public static class WebSocketFrame
{
    public const int MaxHeader = 10;

    public const byte Close = 8;

    /// <summary>The hub's protocol is JSON: its messages are text.</summary>
    const byte Text = 1;

    const byte Final = 0x80;
    const int Largest7Bits = 125;

    public static int HeaderLength(int payload) => payload <= Largest7Bits ? 2 : payload <= ushort.MaxValue ? 4 : MaxHeader;

    /// <summary>Writes the head of a text message of that many bytes.</summary>
    /// <returns>Its length: <see cref="HeaderLength"/>.</returns>
    public static int WriteHeader(Span<byte> to, int payload)
    {
        to[0] = Final | Text;
        switch (HeaderLength(payload))
        {
            case 2:
                to[1] = (byte)payload;
                return 2;
            case 4:
                to[1] = Largest7Bits + 1;
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payload);
                return 4;
            default:
                to[1] = Largest7Bits + 2;
                BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)payload);
                return MaxHeader;
        }
    }

    public static bool IsClose(ReadOnlySpan<byte> frame) => !frame.IsEmpty && (frame[0] & 0x0f) == Close;
}
