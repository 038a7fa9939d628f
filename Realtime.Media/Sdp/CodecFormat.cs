namespace Realtime.Media.Sdp;

/// <summary>
/// Which payload types mean the same stream format, and which a decoder of another can play. The name alone does not tell for H264 (profile
/// and packetization mode, RFC 6184 §8.2.2), VP9 (profile-id, RFC 9628 §6) and AV1 (profile, av1-rtp-spec §7.2).
/// <para>Levels are limits of speed, not of format: browsers declare 3.1 and decode more, so a level keeps no subscriber from a track.</para>
/// </summary>
public static class CodecFormat
{
    /// <summary>Same format: what an answer may pick from an offer (for H264: profile and mode, RFC 6184 §8.2.2; never the level).</summary>
    public static bool IsSame(Codec a, Codec b) => IsSameCodec(a, b) && Name(a) switch
    {
        "H264" => TryReadH264(a, out var first) && TryReadH264(b, out var second) && first.Profile.Kind == second.Profile.Kind && first.Mode == second.Mode,
        "VP9" => Parameter(a, "profile-id") == Parameter(b, "profile-id"),
        "AV1" => Parameter(a, "profile") == Parameter(b, "profile"),
        _ => true,
    };

    /// <summary>Whether one who negotiated <paramref name="receiver"/> can play a stream of <paramref name="stream"/>.</summary>
    public static bool Decodes(Codec receiver, Codec stream)
    {
        if (IsSame(receiver, stream)) return true;
        // Mode 1 includes what mode 0 may send, and a decoder of a larger profile takes its subsets.
        return IsSameCodec(receiver, stream) && TryReadH264(receiver, out var ours) && TryReadH264(stream, out var theirs)
            && ours.Profile.Decodes(theirs.Profile) && ours.Mode >= theirs.Mode;
    }

    static bool IsSameCodec(Codec a, Codec b) => a.Is(b.Name) && a.ClockRate == b.ClockRate && a.Channels == b.Channels;

    static string Name(Codec codec) => codec.Name.ToUpperInvariant();

    /// <summary>Both parameters default to 0.</summary>
    static string Parameter(Codec codec, string name) => codec.Parameter(name) ?? "0";

    /// <summary>False for other codecs, an unknown profile, and mode 2: interleaved, which no browser speaks.</summary>
    static bool TryReadH264(Codec codec, out (H264Profile Profile, int Mode) format)
    {
        format = (H264Profile.Default, 0);
        if (!codec.Is("H264")) return false;
        if (codec.Parameter("profile-level-id") is { } id && !H264Profile.TryParse(id, out format.Profile)) return false;
        return codec.Parameter("packetization-mode") is not { } mode || SdpTokens.TryParse(mode, 0, 1, out format.Mode);
    }
}
