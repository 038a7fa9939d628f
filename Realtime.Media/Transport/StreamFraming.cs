using System.Buffers.Binary;

namespace Realtime.Media.Transport;

/// <summary>What the bytes at hand begin with.</summary>
public enum FrameState
{
    /// <summary>A whole frame.</summary>
    Whole,
    /// <summary>The beginning of one.</summary>
    Partial,
    /// <summary>A length beyond the limit: the stream cannot be read any further.</summary>
    TooLong,
}

/// <summary>
/// Datagrams on a TCP stream (RFC 4571 §2).
/// <code>
///  0                   1
/// |            LENGTH             |  RTP, RTCP, STUN or DTLS packet of LENGTH bytes
/// </code>
/// A frame of length 0 is allowed and says nothing.
/// </summary>
public static class StreamFraming
{
    public const int HeaderLength = 2;

    public const int MaxPayload = ushort.MaxValue;

    /// <summary>Where the first frame's payload lies; meaningful when whole.</summary>
    /// <param name="maxPayload">A longer frame is refused as soon as its length is known.</param>
    public static FrameState TryRead(ReadOnlySpan<byte> stream, int maxPayload, out int payloadLength)
    {
        payloadLength = 0;
        if (stream.Length < HeaderLength) return FrameState.Partial;
        payloadLength = BinaryPrimitives.ReadUInt16BigEndian(stream);
        if (payloadLength > maxPayload) return FrameState.TooLong;
        return stream.Length >= HeaderLength + payloadLength ? FrameState.Whole : FrameState.Partial;
    }

    /// <summary>Writes one frame; the number of bytes, or 0 when it does not fit.</summary>
    public static int Write(Span<byte> stream, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPayload || stream.Length < HeaderLength + payload.Length) return 0;
        BinaryPrimitives.WriteUInt16BigEndian(stream, (ushort)payload.Length);
        payload.CopyTo(stream[HeaderLength..]);
        return HeaderLength + payload.Length;
    }
}
