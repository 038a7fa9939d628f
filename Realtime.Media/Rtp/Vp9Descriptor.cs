using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// The VP9 payload descriptor (RFC 9628 §4.2), both of its modes.
/// <code>
/// |I|P|L|F|B|E|V|Z|            P: predicted from earlier pictures, B, E: first, last packet of a layer's frame
/// |M| PictureID 7 or 15 |      if I
/// | TID |U| SID |D|            if L; U: switching up is possible, D: builds on the layer below
/// |   TL0PICIDX   |            if L and not F
/// | P_DIFF (7)  |N|            if F and P, up to three times while N
/// | N_S |Y|G|-|-|-|            if V: the scalability structure, with Y the size of each spatial layer
/// </code>
/// </summary>
public readonly struct Vp9Descriptor
{
    const int MaxSpatialLayers = 8;
    const int MaxDifferences = 3;

    /// <summary>First packet of one spatial layer's frame.</summary>
    public bool IsFrameStart { get; private init; }

    /// <summary>Last packet of one spatial layer's frame.</summary>
    public bool IsFrameEnd { get; private init; }

    /// <summary>First packet of a key picture's lowest spatial layer: where decoding may start.</summary>
    public bool StartsKeyframe { get; private init; }

    /// <summary>The layer's frame needs earlier pictures.</summary>
    public bool IsPredicted { get; private init; }

    public int SpatialLayer { get; private init; }

    public int TemporalLayer { get; private init; }

    /// <summary>A switch up to this temporal layer is possible here.</summary>
    public bool IsSwitchUp { get; private init; }

    public PictureNumbers Numbers { get; private init; }

    /// <summary>By the scalability structure; 0 in packets that bring none.</summary>
    public int SpatialLayers { get; private init; }

    /// <summary>Of this packet's spatial layer, by the structure it brings; 0 without.</summary>
    public ushort Width { get; private init; }

    public ushort Height { get; private init; }

    /// <summary>Where the structure's sizes begin in the payload, four bytes a layer; 0 without.</summary>
    int SizesOffset { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        if (payload.Length < 2) return false;
        var flags = payload[0];
        var position = 1;
        int bits = 0, tl0Offset = 0;
        ushort pictureId = 0;
        byte layers = 0, tl0 = 0;
        var (hasId, isPredicted, isFlexible) = ((flags & 0x80) != 0, (flags & 0x40) != 0, (flags & 0x10) != 0);
        if (hasId && !PictureNumbers.TryReadPictureId(payload, ref position, out pictureId, out bits)) return false;
        if ((flags & 0x20) != 0)
        {
            if (payload.Length <= position) return false;
            layers = payload[position++];
            if (!isFlexible)
            {
                if (payload.Length <= position) return false;
                tl0Offset = position;
                tl0 = payload[position++];
            }
        }

        if (isFlexible && isPredicted && !TrySkipDifferences(payload, ref position)) return false;
        var (count, sizes) = (0, 0);
        if ((flags & 0x02) != 0 && !TryReadStructure(payload, ref position, out count, out sizes)) return false;

        // A descriptor without a byte of VP9 behind it is not a VP9 packet.
        if (payload.Length <= position) return false;
        var isFrameStart = (flags & 0x08) != 0;
        var spatial = (layers >> 1) & 0x07;
        var hasSize = sizes > 0 && spatial < count;
        descriptor = new Vp9Descriptor
        {
            IsFrameStart = isFrameStart,
            IsFrameEnd = (flags & 0x04) != 0,
            IsPredicted = isPredicted,
            StartsKeyframe = isFrameStart && !isPredicted && spatial == 0,
            SpatialLayer = spatial,
            TemporalLayer = layers >> 5,
            IsSwitchUp = (layers & 0x10) != 0,
            SpatialLayers = count,
            SizesOffset = sizes,
            Width = hasSize ? BinaryPrimitives.ReadUInt16BigEndian(payload[(sizes + (spatial * 4))..]) : (ushort)0,
            Height = hasSize ? BinaryPrimitives.ReadUInt16BigEndian(payload[(sizes + (spatial * 4) + 2)..]) : (ushort)0,
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

    /// <summary>The size of any spatial layer, by the structure this packet brings. False without.</summary>
    /// <param name="payload">The one this was read from.</param>
    public bool TrySize(ReadOnlySpan<byte> payload, int spatial, out ushort width, out ushort height)
    {
        (width, height) = (0, 0);
        if (SizesOffset == 0 || spatial >= SpatialLayers) return false;
        width = BinaryPrimitives.ReadUInt16BigEndian(payload[(SizesOffset + (spatial * 4))..]);
        height = BinaryPrimitives.ReadUInt16BigEndian(payload[(SizesOffset + (spatial * 4) + 2)..]);
        return true;
    }

    static bool TrySkipDifferences(ReadOnlySpan<byte> payload, ref int position)
    {
        for (var i = 0; i < MaxDifferences; i++)
        {
            if (payload.Length <= position) return false;
            if ((payload[position++] & 0x01) == 0) return true;
        }

        // A fourth one is announced.
        return false;
    }

    /// <summary>Sizes by layer, then how the pictures of a group depend on each other, which forwarding does not ask.</summary>
    static bool TryReadStructure(ReadOnlySpan<byte> payload, ref int position, out int count, out int sizes)
    {
        (count, sizes) = (0, 0);
        if (payload.Length <= position) return false;
        var head = payload[position++];
        count = Math.Min((head >> 5) + 1, MaxSpatialLayers);
        if ((head & 0x10) != 0)
        {
            sizes = position;
            position += count * 4;
        }

        if ((head & 0x08) == 0) return position <= payload.Length;
        if (payload.Length <= position) return false;
        for (var pictures = payload[position++]; pictures > 0; pictures--)
        {
            if (payload.Length <= position) return false;
            position += 1 + ((payload[position] >> 2) & 0x03);
        }

        return position <= payload.Length;
    }
}
