using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>Reads from one source's payloads what forwarding needs: where a decoder may start, the running numbers, the layer.</summary>
public struct PayloadReader(Codec codec)
{
    enum Format : byte
    {
        Opaque,
        Vp8,
        Vp9,
        H264,
        Av1,
    }

    readonly Format format = codec.Name.ToUpperInvariant() switch
    {
        "VP8" => Format.Vp8,
        "VP9" => Format.Vp9,
        "H264" => Format.H264,
        "AV1" => Format.Av1,
        _ => Format.Opaque,
    };

    bool sendsParameterSets;

    /// <summary>Numbers that count the pictures a subscriber gets: without those it does not get (VP8). Where pictures name others by distance they stay (VP9).</summary>
    public readonly bool ClosesPictureGaps => format == Format.Vp8;

    /// <summary>Whether a key frame starts with this payload. A payload that cannot be read starts nothing and has no numbers.</summary>
    public bool StartsKeyframe(ReadOnlySpan<byte> payload, out PictureNumbers numbers) => Read(payload, out numbers, out _);

    /// <inheritdoc cref="StartsKeyframe"/>
    public bool Read(ReadOnlySpan<byte> payload, out PictureNumbers numbers, out PacketLayer layer)
    {
        numbers = default;
        layer = default;
        switch (format)
        {
            case Format.Vp8 when Vp8Descriptor.TryRead(payload, out var vp8):
                numbers = vp8.Numbers;
                layer = Of(vp8);
                return vp8.IsKeyFrame;
            case Format.Vp9 when Vp9Descriptor.TryRead(payload, out var vp9):
                numbers = vp9.Numbers;
                layer = Of(vp9);
                return vp9.StartsKeyframe;
            case Format.H264:
                return StartsH264(H264Payload.Read(payload));
            case Format.Av1:
                return Av1AggregationHeader.TryRead(payload, out var av1) && av1.StartsKeyframe;
            default:
                return false;
        }
    }

    static PacketLayer Of(in Vp8Descriptor vp8) => new()
    {
        Temporal = vp8.TemporalLayer,
        StartsFrame = vp8.IsFrameStart,
        IsSync = vp8.IsLayerSync || vp8.IsKeyFrame,
        IsIntra = vp8.IsKeyFrame,
        Width = (ushort)vp8.Width,
        Height = (ushort)vp8.Height,
    };

    static PacketLayer Of(in Vp9Descriptor vp9) => new()
    {
        Spatial = (byte)vp9.SpatialLayer,
        Temporal = (byte)vp9.TemporalLayer,
        StartsFrame = vp9.IsFrameStart,
        EndsFrame = vp9.IsFrameEnd,
        IsSync = vp9.IsSwitchUp || !vp9.IsPredicted,
        IsIntra = !vp9.IsPredicted,
        Width = vp9.Width,
        Height = vp9.Height,
    };

    /// <summary>
    /// A decoder needs the parameter sets first: where a source sends them in band, an IDR picture is no start without them. A source that sends none
    /// has put them into its SDP.
    /// </summary>
    bool StartsH264(H264Payload unit)
    {
        sendsParameterSets |= unit.HasParameterSets;
        return unit.HasParameterSets || (unit.StartsIdr && !sendsParameterSets);
    }
}
