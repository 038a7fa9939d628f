using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// Writes a header extension (profile, length, elements, padding) where it begins in a packet. An element that does not fit the
/// form or the span writes nothing and sets <see cref="Failed"/>: check once, after <see cref="Finish"/>. Sets no X bit: the caller's header does.
/// </summary>
public ref struct RtpExtensionWriter(Span<byte> destination, bool twoByte)
{
    const int Preamble = 4;
    readonly Span<byte> destination = destination;
    readonly bool twoByte = twoByte;
    int position = Preamble;

    public bool Failed { get; private set; } = destination.Length < Preamble;

    /// <summary>Whether the one-byte form can carry the element (RFC 8285 §4.2).</summary>
    public static bool FitsOneByte(byte id, int length) => id is >= 1 and <= 14 && length is >= 1 and <= 16;

    /// <summary>Room for one value to be filled in by the caller.</summary>
    /// <param name="offset">Of the value, from the start of the destination.</param>
    public Span<byte> Add(byte id, int length, out int offset)
    {
        var head = twoByte ? 2 : 1;
        offset = position + head;
        if (Failed || id == 0 || length > byte.MaxValue || (!twoByte && !FitsOneByte(id, length)) || destination.Length - position < head + length)
        {
            Failed = true;
            return default;
        }

        if (twoByte)
        {
            destination[position] = id;
            destination[position + 1] = (byte)length;
        }
        else
        {
            destination[position] = (byte)((id << 4) | (length - 1));
        }

        position = offset + length;
        return destination.Slice(offset, length);
    }

    public void Add(byte id, scoped ReadOnlySpan<byte> value)
    {
        var slot = Add(id, value.Length, out _);
        if (!Failed) value.CopyTo(slot);
    }

    /// <summary>Pads to a word, writes profile and length; returns the bytes written (at least 4), 0 when anything failed.</summary>
    public int Finish()
    {
        var end = (position + 3) & ~3;
        if (Failed || end > destination.Length)
        {
            Failed = true;
            return 0;
        }

        destination[position..end].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination, twoByte ? RtpExtensions.TwoByteProfile : RtpExtensions.OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((end - Preamble) / 4));
        return end;
    }
}
