using System.Buffers.Binary;

namespace Realtime.Media.Core;

/// <summary>Reads big-endian fields off a span; never throws, never reads past the end: false says so.</summary>
public ref struct SpanReader(ReadOnlySpan<byte> span)
{
    readonly ReadOnlySpan<byte> span = span;

    public int Position { get; private set; }

    public readonly int Remaining => span.Length - Position;

    public readonly ReadOnlySpan<byte> Rest => span[Position..];

    public bool TryReadByte(out byte value)
    {
        if (Remaining < 1) { value = 0; return false; }
        value = span[Position++];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        if (Remaining < 2) { value = 0; return false; }
        value = BinaryPrimitives.ReadUInt16BigEndian(span[Position..]);
        Position += 2;
        return true;
    }

    public bool TryReadUInt24(out uint value)
    {
        if (Remaining < 3) { value = 0; return false; }
        value = ((uint)span[Position] << 16) | ((uint)span[Position + 1] << 8) | span[Position + 2];
        Position += 3;
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (Remaining < 4) { value = 0; return false; }
        value = BinaryPrimitives.ReadUInt32BigEndian(span[Position..]);
        Position += 4;
        return true;
    }

    public bool TryReadUInt64(out ulong value)
    {
        if (Remaining < 8) { value = 0; return false; }
        value = BinaryPrimitives.ReadUInt64BigEndian(span[Position..]);
        Position += 8;
        return true;
    }

    public bool TryReadBytes(int length, out ReadOnlySpan<byte> value)
    {
        if (length < 0 || Remaining < length) { value = default; return false; }
        value = span.Slice(Position, length);
        Position += length;
        return true;
    }

    public bool TrySkip(int length) => TryReadBytes(length, out _);
}
