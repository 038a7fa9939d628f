namespace Realtime.Media.Rtp;

/// <summary>
/// The layers a publisher sends at the moment, by its own word (video-layers-allocation00): for each RTP stream of a track the spatial layers, and, when it
/// says so, their sizes.
/// <code>
/// |RID|NS-1| sl_bm |    this stream, streams, spatial layers of each (4 bits); 0: each stream has its own 4 bits, which follow
/// |#tl|#tl|#tl|#tl|     temporal layers − 1, two bits for each spatial layer there is
/// | target bitrates |   LEB128, one for each temporal layer
/// | width−1 (16) | height−1 (16) | fps (8) |   for each spatial layer; may be absent
/// </code>
/// </summary>
public readonly ref struct LayersAllocation
{
    const int MaxStreams = 4;
    const int MaxSpatial = 4;
    const int SizeLength = 5;

    readonly ushort masks;
    readonly ReadOnlySpan<byte> sizes;

    LayersAllocation(int streams, ushort masks, ReadOnlySpan<byte> sizes)
    {
        Streams = streams;
        this.masks = masks;
        this.sizes = sizes;
    }

    /// <summary>RTP streams of the track, in the order of the offer.</summary>
    public int Streams { get; }

    public bool HasSizes => !sizes.IsEmpty;

    public bool IsActive(int stream, int spatial) => (masks & Bit(stream, spatial)) != 0;

    /// <summary>False for a layer that is not sent, and when sizes are not told.</summary>
    public bool TrySize(int stream, int spatial, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (!HasSizes || !IsActive(stream, spatial)) return false;
        var before = masks & (Bit(stream, spatial) - 1);
        var at = sizes[(System.Numerics.BitOperations.PopCount((uint)before) * SizeLength)..];
        width = ((at[0] << 8) | at[1]) + 1;
        height = ((at[2] << 8) | at[3]) + 1;
        return true;
    }

    /// <summary>Of the highest spatial layer of a stream.</summary>
    public bool TryTopSize(int stream, out int width, out int height)
    {
        for (var spatial = MaxSpatial - 1; spatial >= 0; spatial--)
        {
            if (TrySize(stream, spatial, out width, out height)) return true;
        }

        (width, height) = (0, 0);
        return false;
    }

    public static bool TryRead(ReadOnlySpan<byte> value, out LayersAllocation allocation)
    {
        allocation = default;
        if (value.IsEmpty) return false;
        // A single zero: nothing is sent.
        if (value.Length == 1) return value[0] == 0;
        var streams = ((value[0] >> 4) & 3) + 1;
        var position = 1;
        if (!TryReadMasks(value, streams, ref position, out var masks)) return false;
        var layers = System.Numerics.BitOperations.PopCount(masks);
        var counts = value[position..];
        position += (layers + 3) / 4;
        if (position > value.Length) return false;
        var rates = 0;
        for (var i = 0; i < layers; i++) rates += ((counts[i / 4] >> (6 - ((i % 4) * 2))) & 3) + 1;
        for (; rates > 0; rates--)
        {
            if (!TrySkipNumber(value, ref position)) return false;
        }

        var rest = value[position..];
        if (!rest.IsEmpty && rest.Length < layers * SizeLength) return false;
        allocation = new LayersAllocation(streams, masks, rest);
        return true;
    }

    static bool TryReadMasks(ReadOnlySpan<byte> value, int streams, ref int position, out ushort masks)
    {
        masks = 0;
        var shared = value[0] & 0x0F;
        for (var stream = 0; stream < streams; stream++)
        {
            var mask = shared;
            if (shared == 0)
            {
                if (value.Length <= position + (stream / 2)) return false;
                mask = (value[position + (stream / 2)] >> (stream % 2 == 0 ? 4 : 0)) & 0x0F;
            }

            masks |= (ushort)(mask << (stream * MaxSpatial));
        }

        if (shared == 0) position += (streams + 1) / 2;
        return position <= value.Length;
    }

    static bool TrySkipNumber(ReadOnlySpan<byte> value, ref int position)
    {
        // Kilobits: five bytes are more than any.
        for (var length = 0; length < 5 && position < value.Length; length++)
        {
            if ((value[position++] & 0x80) == 0) return true;
        }

        return false;
    }

    static int Bit(int stream, int spatial) => stream is >= 0 and < MaxStreams && spatial is >= 0 and < MaxSpatial ? 1 << ((stream * MaxSpatial) + spatial) : 0;
}
