using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Relay;

/// <summary>
/// The payload types of all relays: every format the server forwards under a number of its own, each video format with its RTX, so that nothing has to be agreed upon. Below 64 and
/// from 96 on, where RTCP does not collide (RFC 5761 §4).
/// </summary>
static class RelayCodecs
{
    const int FirstVideo = 96;
    const int Audio = 35;

    static readonly string[] VideoFeedback = ["nack", "nack pli", "ccm fir"];

    public static IReadOnlyList<Codec> Of(SectionKind kind) => kind == SectionKind.Audio ? AudioCodecs : VideoCodecs;

    static IReadOnlyList<Codec> AudioCodecs { get; } = [.. ServerCapabilities.Default.Codecs.Where(capability => capability.Kind == SectionKind.Audio).Select((capability, index) =>
        new Codec(new PayloadType((byte)(Audio + index)), capability.Name, capability.ClockRate, capability.Channels) { FormatParameters = capability.Format })];

    static IReadOnlyList<Codec> VideoCodecs { get; } = [.. ServerCapabilities.Default.Codecs.Where(capability => capability.Kind == SectionKind.Video).SelectMany(static (capability, index) => WithRepair(capability, index))];

    static IEnumerable<Codec> WithRepair(CodecCapability capability, int index)
    {
        var type = new PayloadType((byte)(FirstVideo + (2 * index)));
        yield return new Codec(type, capability.Name, capability.ClockRate) { FormatParameters = capability.Format, Feedback = VideoFeedback };
        yield return new Codec(new PayloadType((byte)(type.Value + 1)), Codec.Rtx, capability.ClockRate) { FormatParameters = $"apt={type.Value}", AssociatedPayloadType = type };
    }
}
