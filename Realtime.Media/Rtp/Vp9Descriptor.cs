namespace Realtime.Media.Rtp;

/// <summary>
/// The VP9 payload descriptor (RFC 9628 §4.2), as far as forwarding one layer needs it.
/// <code>
/// |I|P|L|F|B|E|V|Z|            P: predicted from earlier pictures, B: first packet of a frame
/// |M| PictureID 7 or 15 |      if I
/// | TID |U| SID |D|            if L
/// |   TL0PICIDX   |            if L and not F
/// </code>
/// </summary>
public readonly struct Vp9Descriptor
{
    public bool IsFrameStart { get; private init; }

    /// <summary>First packet of a key picture's lowest spatial layer: where decoding may start.</summary>
    public bool StartsKeyframe { get; private init; }

    public int SpatialLayer { get; private init; }

    public int TemporalLayer { get; private init; }

    public PictureNumbers Numbers { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        if (payload.Length < 2) return false;
        var flags = payload[0];
        var position = 1;
        int bits = 0, tl0Offset = 0;
        ushort pictureId = 0;
        byte layers = 0, tl0 = 0;
        var hasId = (flags & 0x80) != 0;
        if (hasId && !PictureNumbers.TryReadPictureId(payload, ref position, out pictureId, out bits)) return false;
        if ((flags & 0x20) != 0)
        {
            if (payload.Length <= position) return false;
            layers = payload[position++];
            if ((flags & 0x10) == 0)
            {
                if (payload.Length <= position) return false;
                tl0Offset = position;
                tl0 = payload[position++];
            }
        }

        // A descriptor without a byte of VP9 behind it is not a VP9 packet.
        if (payload.Length <= position) return false;
        var isFrameStart = (flags & 0x08) != 0;
        var spatial = (layers >> 1) & 0x07;
        descriptor = new Vp9Descriptor
        {
            IsFrameStart = isFrameStart,
            StartsKeyframe = isFrameStart && (flags & 0x40) == 0 && spatial == 0,
            SpatialLayer = spatial,
            TemporalLayer = layers >> 5,
            Numbers = new PictureNumbers
            {
                PictureIdBits = bits,
                PictureId = pictureId,
                PictureIdOffset = 1,
                Tl0PicIdx = tl0,
                Tl0PicIdxOffset = tl0Offset,
            },
        };
        return true;
    }
}
