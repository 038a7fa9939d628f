using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>Gathers rtpmap, fmtp and rtcp-fb lines of one section, which may come in any order, into its <see cref="Codec"/>s.</summary>
sealed class CodecTable(int maxItems)
{
    /// <summary>Browsers send five kinds of feedback per codec.</summary>
    const int FeedbackPerItem = 16;

    readonly Dictionary<PayloadType, Codec> maps = [];
    readonly Dictionary<PayloadType, string> parameters = [];
    readonly List<(PayloadType? Type, string Value)> feedback = [];

    public static bool Knows(ReadOnlySpan<char> attribute) => attribute is "rtpmap" or "fmtp" or "rtcp-fb";

    /// <summary>Null, or what is wrong with the line.</summary>
    public string? Take(ReadOnlySpan<char> attribute, ReadOnlySpan<char> value) => attribute switch
    {
        "rtpmap" => TakeMap(value),
        "fmtp" => TakeParameters(value),
        _ => TakeFeedback(value),
    };

    /// <summary>In the order of the m= line. Payload types without a mapping, fixed ones (RFC 3551) aside, are left out.</summary>
    public List<Codec> Build(List<PayloadType> formats)
    {
        var codecs = new List<Codec>(formats.Count);
        foreach (var type in formats)
        {
            var map = maps.GetValueOrDefault(type) ?? Fixed(type);
            if (map is null) continue;
            var codec = map with
            {
                FormatParameters = parameters.GetValueOrDefault(type, ""),
                Feedback = [.. feedback.Where(line => line.Type is null || line.Type == type).Select(line => line.Value)],
            };
            // "111/111": the type of each block. Those of another type than the first are not spoken here.
            if (codec.IsRed && SdpTokens.TryParse(codec.FormatParameters.Split('/')[0], 0, PayloadType.Max, out var repeated))
            {
                codec = codec with { AssociatedPayloadType = new PayloadType((byte)repeated) };
            }

            if (codec.IsRtx && SdpTokens.TryParse(codec.Parameter("apt"), 0, PayloadType.Max, out var repaired))
            {
                codec = codec with { AssociatedPayloadType = new PayloadType((byte)repaired) };
            }

            codecs.Add(codec);
        }

        return codecs;
    }

    string? TakeMap(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNextPayloadType(out var type) || !tokens.TryNext(out var encoding)) return "payload type and encoding expected";
        var parts = new SdpTokens(encoding, '/');
        if (!parts.TryNext(out var name) || !SdpTokens.IsName(name, 64) || !parts.TryNext(1, 10_000_000, out var clockRate)) return "name/clock rate expected";
        var channels = 1;
        if (!parts.Rest.IsEmpty && !parts.TryNext(1, 255, out channels)) return "bad number of channels";
        if (maps.Count == maxItems) return "too many";
        return maps.TryAdd(type, new Codec(type, name.ToString(), clockRate, channels)) ? null : "payload type mapped twice";
    }

    string? TakeParameters(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNextPayloadType(out var type)) return "payload type expected";
        parameters[type] = tokens.Rest.ToString();
        return null;
    }

    string? TakeFeedback(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        PayloadType? type = null;
        if (value.StartsWith("* ")) tokens.TryNext(out _);
        else if (tokens.TryNextPayloadType(out var number)) type = number;
        else return "payload type or * expected";
        if (feedback.Count == maxItems * FeedbackPerItem) return "too many";
        feedback.Add((type, tokens.Rest.ToString()));
        return null;
    }

    static Codec? Fixed(PayloadType type) => type.Value switch
    {
        0 => new Codec(type, "PCMU", 8000),
        8 => new Codec(type, "PCMA", 8000),
        9 => new Codec(type, "G722", 8000),
        13 => new Codec(type, "CN", 8000),
        _ => null,
    };
}
