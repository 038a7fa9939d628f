using System.Buffers.Binary;

namespace Realtime.Media.Core;

/// <summary>Writes big-endian fields into a span. Writing past the end writes nothing and sets <see cref="Overflowed"/>: check it once at the end.</summary>
public ref struct SpanWriter(Span<byte> span)
{
    readonly Span<byte> span = span;

    public int Position { get; private set; }

    public bool Overflowed { get; private set; }

    public readonly Span<byte> Written => span[..Position];

    public void Byte(byte value)
    {
        if (Take(1, out var s)) s[0] = value;
    }

    public void UInt16(ushort value)
    {
        if (Take(2, out var s)) BinaryPrimitives.WriteUInt16BigEndian(s, value);
    }

    public void UInt24(uint value)
    {
        if (!Take(3, out var s)) return;
        s[0] = (byte)(value >> 16);
        s[1] = (byte)(value >> 8);
        s[2] = (byte)value;
    }

    public void UInt32(uint value)
    {
        if (Take(4, out var s)) BinaryPrimitives.WriteUInt32BigEndian(s, value);
    }

    public void UInt64(ulong value)
    {
        if (Take(8, out var s)) BinaryPrimitives.WriteUInt64BigEndian(s, value);
    }

    public void Bytes(scoped ReadOnlySpan<byte> value)
    {
        if (Take(value.Length, out var s)) value.CopyTo(s);
    }

    public void Zero(int length)
    {
        if (Take(length, out var s)) s.Clear();
    }

    bool Take(int length, out Span<byte> taken)
    {
        if (Overflowed || span.Length - Position < length)
        {
            Overflowed = true;
            taken = default;
            return false;
        }

        taken = span.Slice(Position, length);
        Position += length;
        return true;
    }
}
