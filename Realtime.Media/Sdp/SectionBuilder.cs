using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>Gathers one m= section line by line.</summary>
sealed class SectionBuilder
{
    readonly SdpLimits limits;
    readonly CodecTable codecs;
    readonly SourceTable sources;
    readonly TransportBuilder transport;
    readonly List<PayloadType> payloadTypes = [];
    readonly List<ExtensionMapping> extensions = [];
    readonly List<RidDescription> rids = [];
    readonly List<string> candidates = [];
    readonly List<string> formats = [];
    SectionKind kind;
    string media = "";
    string protocol = "";
    int port;
    MediaDirection? direction;
    Msid? msid;
    SimulcastDescription? simulcast;
    bool isBundleOnly, hasRtcpMux, hasRtcpMuxOnly, hasReducedSize, allowsMixed;

    public SectionBuilder(int index, SdpLimits limits)
    {
        Index = index;
        this.limits = limits;
        codecs = new CodecTable(limits.ItemsPerSection);
        sources = new SourceTable(limits);
        transport = new TransportBuilder(limits.ItemsPerSection);
    }

    public int Index { get; }

    public string Mid { get; private set; } = "";

    /// <summary><c>video 9 UDP/TLS/RTP/SAVPF 96 97</c> (RFC 8866 §5.14). Null, or what is wrong with it.</summary>
    public string? TakeMediaLine(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var type) || !SdpTokens.IsName(type, 32)) return "media type expected";
        if (!tokens.TryNext(out var portText) || !SdpTokens.TryParse(portText, 0, ushort.MaxValue, out port)) return "port expected";
        if (!tokens.TryNext(out var proto) || !SdpTokens.IsName(proto, 64)) return "protocol expected";
        media = type.ToString();
        protocol = proto.ToString();
        kind = type switch
        {
            "audio" => SectionKind.Audio,
            "video" => SectionKind.Video,
            "application" => SectionKind.Application,
            _ => SectionKind.Other,
        };

        while (tokens.TryNext(out var format))
        {
            if (formats.Count == limits.ItemsPerSection) return "too many formats";
            formats.Add(format.ToString());
            if (kind is not (SectionKind.Audio or SectionKind.Video)) continue;
            if (!SdpTokens.TryParse(format, 0, PayloadType.Max, out var number)) return "payload types expected";
            var payloadType = new PayloadType((byte)number);
            if (payloadTypes.Contains(payloadType)) return "payload type listed twice";
            payloadTypes.Add(payloadType);
        }

        return formats.Count == 0 ? "formats expected" : null;
    }

    /// <summary>Null, or what is wrong with the attribute. Unknown ones are passed over (RFC 8866 §5.13).</summary>
    public string? TakeAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (transport.TryTake(name, value, out var problem)) return problem;
        if (CodecTable.Knows(name)) return codecs.Take(name, value);
        if (MediaDirections.TryParse(name, out var given))
        {
            direction = given;
            return null;
        }

        switch (name)
        {
            case "mid":
                if (Mid.Length > 0) return "given twice";
                if (!SdpTokens.IsName(value, limits.MidLength)) return $"1 to {limits.MidLength} visible characters expected";
                Mid = value.ToString();
                return null;
            case "extmap": return ExtensionReader.Take(value, limits, extensions);
            case "msid":
                // Several lines name several streams (RFC 8830 §2); the first is enough to tell tracks apart.
                return msid is not null || SourceTable.TryReadMsid(value, limits.NameLength, out msid) ? null : "stream and track expected";
            case "ssrc": return sources.TakeSource(value);
            case "ssrc-group": return sources.TakeGroup(value);
            case "rid":
                if (rids.Count == limits.ItemsPerSection) return "too many";
                if (!SimulcastReader.TryReadRid(value, limits.NameLength, out var rid)) return "id, send or recv, restrictions expected";
                rids.Add(rid);
                return null;
            case "simulcast":
                return SimulcastReader.TryReadSimulcast(value, limits.ItemsPerSection, limits.NameLength, out simulcast) ? null : "send or recv with a list of rids expected";
            case "candidate":
                if (candidates.Count == limits.ItemsPerSection) return "too many";
                candidates.Add(value.ToString());
                return null;
            case "rtcp-mux": hasRtcpMux = true; return null;
            case "rtcp-mux-only": hasRtcpMuxOnly = true; return null;
            case "rtcp-rsize": hasReducedSize = true; return null;
            case "bundle-only": isBundleOnly = true; return null;
            case "extmap-allow-mixed": allowsMixed = true; return null;
            default: return null;
        }
    }

    public MediaDescription Build(SessionBuilder session) => new()
    {
        Index = Index,
        Kind = kind,
        Media = media,
        Protocol = protocol,
        Formats = formats,
        Port = port,
        Mid = Mid,
        IsBundleOnly = isBundleOnly,
        Direction = direction ?? session.Direction,
        Codecs = codecs.Build(payloadTypes),
        Extensions = [.. session.Extensions, .. extensions],
        Transport = transport.Build(session.Transport),
        HasRtcpMux = hasRtcpMux,
        HasRtcpMuxOnly = hasRtcpMuxOnly,
        HasReducedSizeRtcp = hasReducedSize,
        AllowsMixedExtensions = allowsMixed || session.AllowsMixedExtensions,
        Msid = msid,
        Ssrcs = sources.Sources,
        SsrcGroups = sources.Groups,
        Rids = rids,
        Simulcast = simulcast,
        Candidates = candidates,
    };
}
