using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>Reads from one source's payloads what forwarding needs: where a decoder may start, and the running numbers.</summary>
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

    /// <summary>Whether a key frame starts with this payload. A payload that cannot be read starts nothing and has no numbers.</summary>
    public bool StartsKeyframe(ReadOnlySpan<byte> payload, out PictureNumbers numbers)
    {
        numbers = default;
        switch (format)
        {
            case Format.Vp8 when Vp8Descriptor.TryRead(payload, out var vp8):
                numbers = vp8.Numbers;
                return vp8.IsKeyFrame;
            case Format.Vp9 when Vp9Descriptor.TryRead(payload, out var vp9):
                numbers = vp9.Numbers;
                return vp9.StartsKeyframe;
            case Format.H264:
                return StartsH264(H264Payload.Read(payload));
            case Format.Av1:
                return Av1AggregationHeader.TryRead(payload, out var av1) && av1.StartsKeyframe;
            default:
                return false;
        }
    }

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
