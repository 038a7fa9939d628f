using System.Buffers.Binary;

namespace Realtime.Bench.Signaling.Load;

/// <summary>Takes the payloads out of a server's WebSocket frames, as they come, in pieces of any size.</summary>
struct FrameReader
{
    long remaining;
    int headerLength;
    ulong headerLow;
    ushort headerHigh;

    /// <summary>Of the frame whose payload was handed out last; continuations count as text.</summary>
    public int Opcode { get; private set; }

    /// <summary>The payload's whole length.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the next piece of payload off the front; false when all of it was used up.</summary>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        Span<byte> header = stackalloc byte[10];
        while (remaining == 0)
        {
            if (bytes.IsEmpty) return false;
            Keep(bytes[0]);
            bytes = bytes[1..];
            if (headerLength < 2) continue;
            BinaryPrimitives.WriteUInt64LittleEndian(header, headerLow);
            BinaryPrimitives.WriteUInt16LittleEndian(header[8..], headerHigh);
            var small = header[1] & 127;
            if (headerLength < 2 + (small == 126 ? 2 : small == 127 ? 8 : 0)) continue;
            remaining = Length = small == 126 ? BinaryPrimitives.ReadUInt16BigEndian(header[2..]) : small == 127 ? BinaryPrimitives.ReadInt64BigEndian(header[2..]) : small;
            Opcode = header[0] & 15;
            (headerLength, headerLow, headerHigh) = (0, 0, 0);
            if (remaining == 0 && Opcode >= WebSocketBytes.Close) return true;
        }

        if (bytes.IsEmpty) return false;
        var taken = (int)Math.Min(remaining, bytes.Length);
        payload = bytes[..taken];
        bytes = bytes[taken..];
        remaining -= taken;
        return true;
    }

    void Keep(byte next)
    {
        if (headerLength < 8) headerLow |= (ulong)next << (8 * headerLength);
        else headerHigh |= (ushort)(next << (8 * (headerLength - 8)));
        headerLength++;
    }
}
