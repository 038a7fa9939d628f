using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// The VP8 payload descriptor (RFC 7741 §4.2) and, on the first packet of a key frame, the frame's size (RFC 6386 §9.1).
/// <code>
/// |X|R|N|S|R| PID |            S: start of a partition, PID: which
/// |I|L|T|K|  RSV  |            if X
/// |M| PictureID 7 or 15 |      if I
/// |   TL0PICIDX   |            if L
/// |TID|Y| KEYIDX  |            if T or K
/// </code>
/// </summary>
public readonly struct Vp8Descriptor
{
    const int KeyFrameHeaderLength = 10;

    /// <summary>Bytes before the VP8 payload header.</summary>
    public int Length { get; private init; }

    /// <summary>First packet of a frame.</summary>
    public bool IsFrameStart { get; private init; }

    public bool IsKeyFrame { get; private init; }

    /// <summary>No other frame depends on it.</summary>
    public bool IsNonReference { get; private init; }

    public PictureNumbers Numbers { get; private init; }

    public bool HasTemporalLayer { get; private init; }

    public byte TemporalLayer { get; private init; }

    /// <summary>A switch up to this temporal layer is possible here (the Y bit).</summary>
    public bool IsLayerSync { get; private init; }

    public byte KeyIdx { get; private init; }

    /// <summary>Of a key frame's first packet; 0 elsewhere.</summary>
    public int Width { get; private init; }

    public int Height { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out Vp8Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var first = payload[0];
        var position = 1;
        byte flags = 0;
        if ((first & 0x80) != 0)
        {
            if (payload.Length < 2) return false;
            flags = payload[position++];
        }

        int pictureIdOffset = 0, pictureIdBits = 0, tl0Offset = 0;
        ushort pictureId = 0;
        byte tl0 = 0, layers = 0;
        if ((flags & 0x80) != 0)
        {
            pictureIdOffset = position;
            if (!PictureNumbers.TryReadPictureId(payload, ref position, out pictureId, out pictureIdBits)) return false;
        }

        if ((flags & 0x40) != 0)
        {
            if (payload.Length <= position) return false;
            tl0Offset = position;
            tl0 = payload[position++];
        }

        if ((flags & 0x30) != 0)
        {
            if (payload.Length <= position) return false;
            layers = payload[position++];
        }

        // A descriptor without a byte of VP8 behind it is not a VP8 packet.
        if (payload.Length <= position) return false;
        var isFrameStart = (first & 0x10) != 0 && (first & 0x07) == 0;
        var isKeyFrame = isFrameStart && (payload[position] & 0x01) == 0;
        int width = 0, height = 0;
        if (isKeyFrame) ReadSize(payload[position..], out width, out height);

        descriptor = new Vp8Descriptor
        {
            Length = position,
            IsFrameStart = isFrameStart,
            IsKeyFrame = isKeyFrame,
            IsNonReference = (first & 0x20) != 0,
            Numbers = new PictureNumbers
            {
                PictureIdBits = pictureIdBits,
                PictureId = pictureId,
                PictureIdOffset = pictureIdOffset,
                Tl0PicIdx = tl0,
                Tl0PicIdxOffset = tl0Offset,
            },
            HasTemporalLayer = (flags & 0x20) != 0,
            TemporalLayer = (byte)((flags & 0x20) != 0 ? layers >> 6 : 0),
            IsLayerSync = (flags & 0x20) != 0 && (layers & 0x20) != 0,
            KeyIdx = (byte)((flags & 0x10) != 0 ? layers & 0x1F : 0),
            Width = width,
            Height = height,
        };
        return true;
    }

    /// <summary>Frame tag (3 bytes), start code 9d 01 2a, then width and height: 14 bits each, little-endian, scaling bits above.</summary>
    static void ReadSize(ReadOnlySpan<byte> frame, out int width, out int height)
    {
        width = height = 0;
        if (frame.Length < KeyFrameHeaderLength || !frame[3..6].SequenceEqual<byte>([0x9D, 0x01, 0x2A])) return;
        width = BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]) & 0x3FFF;
        height = BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]) & 0x3FFF;
    }
}
