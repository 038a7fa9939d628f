using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>One m= section of a session description, as it came; attributes this server has no use for are left out.</summary>
public sealed record MediaDescription
{
    /// <summary>Place among the m= lines, from 0: it never changes in a session.</summary>
    public required int Index { get; init; }

    public required SectionKind Kind { get; init; }

    /// <summary>The media type and protocol as written, to be echoed: <c>video</c>, <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public required string Media { get; init; }

    public required string Protocol { get; init; }

    /// <summary>The formats as written, to be echoed when rejected.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    public required int Port { get; init; }

    /// <summary>Empty without one, which only a rejected section may be.</summary>
    public string Mid { get; init; } = "";

    /// <summary>a=bundle-only: port 0 does not reject (RFC 9143 §6).</summary>
    public bool IsBundleOnly { get; init; }

    /// <summary>Port 0 and not bundle-only: unused, may be recycled by a later offer (RFC 9429 §5.2.2).</summary>
    public bool IsRejected => Port == 0 && !IsBundleOnly;

    public bool IsMedia => Kind is SectionKind.Audio or SectionKind.Video;

    public MediaDirection Direction { get; init; } = MediaDirection.SendRecv;

    /// <summary>In the order of preference.</summary>
    public IReadOnlyList<Codec> Codecs { get; init; } = [];

    public IReadOnlyList<ExtensionMapping> Extensions { get; init; } = [];

    public TransportDescription Transport { get; init; } = new();

    public bool HasRtcpMux { get; init; }

    /// <summary>a=rtcp-mux-only (RFC 8858); WHIP wants it said in both directions.</summary>
    public bool HasRtcpMuxOnly { get; init; }

    /// <summary>a=rtcp-rsize (RFC 5506).</summary>
    public bool HasReducedSizeRtcp { get; init; }

    public bool AllowsMixedExtensions { get; init; }

    public Msid? Msid { get; init; }

    public IReadOnlyList<SsrcDescription> Ssrcs { get; init; } = [];

    public IReadOnlyList<SsrcGroup> SsrcGroups { get; init; } = [];

    public IReadOnlyList<RidDescription> Rids { get; init; } = [];

    public SimulcastDescription? Simulcast { get; init; }

    /// <summary>After <c>a=candidate:</c>, unread.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    public Codec? CodecOf(PayloadType type)
    {
        foreach (var codec in Codecs)
        {
            if (codec.PayloadType == type) return codec;
        }

        return null;
    }
}
