using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Relay;

/// <summary>
/// What one part of a room wants of the other, in the form in which every peer of a room says it: sections that grow, change and are reused. It is written by ourselves and never travels;
/// the two sides agree because both follow the <see cref="RelayChannel"/>. Without transport-wide feedback: links between nodes are provided for what crosses them.
/// </summary>
sealed class RelayOffer(string ownPrefix)
{
    static readonly Fingerprint NoCertificate = new("sha-256", new byte[32]);

    static readonly ExtensionMapping[] Extensions =
    [
        .. new[]
        {
            ExtensionKind.Mid, ExtensionKind.AudioLevel, ExtensionKind.VideoOrientation, ExtensionKind.PlayoutDelay, ExtensionKind.VideoContentType,
            ExtensionKind.ColorSpace, ExtensionKind.DependencyDescriptor, ExtensionKind.VideoLayersAllocation,
        }.Select((kind, index) => new ExtensionMapping((byte)(index + 1), ExtensionUri.Of(kind))),
    ];

    readonly List<MediaDescription> sections = [];
    readonly Dictionary<string, int> theirs = new(StringComparer.Ordinal);

    public int Sections => sections.Count;

    /// <summary>Sections for what goes to the other side: as many of the kind as are needed.</summary>
    public bool Grow(SectionKind kind, int wanted)
    {
        var missing = wanted - sections.Count(section => section.Kind == kind && section.Direction == MediaDirection.RecvOnly);
        for (var i = 0; i < missing; i++) sections.Add(Describe(sections.Count, kind, $"{ownPrefix}{sections.Count}", MediaDirection.RecvOnly, RelayCodecs.Of(kind)));
        return missing > 0;
    }

    /// <summary>What comes from the other side in its section <paramref name="mid"/>; null: nothing for now.</summary>
    public void Set(string mid, RelayedTrack? track)
    {
        if (!theirs.TryGetValue(mid, out var index))
        {
            if (track is null) return;
            theirs.Add(mid, index = sections.Count);
            sections.Add(null!);
        }

        if (track is null)
        {
            sections[index] = sections[index] with { Direction = MediaDirection.Inactive, Ssrcs = [], SsrcGroups = [] };
            return;
        }

        var codecs = RelayCodecs.Of(track.Kind).Where(codec => codec.PayloadType == track.Codec.PayloadType || codec.AssociatedPayloadType == track.Codec.PayloadType).ToList();
        var hasRepair = track.Repair.Value != 0;
        sections[index] = Describe(index, track.Kind, mid, MediaDirection.SendOnly, codecs) with
        {
            Ssrcs = hasRepair ? [new SsrcDescription(track.Ssrc), new SsrcDescription(track.Repair)] : [new SsrcDescription(track.Ssrc)],
            SsrcGroups = hasRepair ? [new SsrcGroup("FID", [track.Ssrc, track.Repair])] : [],
        };
    }

    public Offer Build() => new()
    {
        Sections = [.. sections],
        Bundle = [.. sections.Select(section => section.Mid)],
        Transport = Transport,
        AllowsMixedExtensions = true,
    };

    static TransportDescription Transport => new()
    {
        IceUfrag = "relay",
        Fingerprints = [NoCertificate],
        Setup = SetupRole.ActPass,
    };

    static MediaDescription Describe(int index, SectionKind kind, string mid, MediaDirection direction, IReadOnlyList<Codec> codecs) => new()
    {
        Index = index,
        Kind = kind,
        Media = kind == SectionKind.Audio ? "audio" : "video",
        Protocol = "UDP/TLS/RTP/SAVPF",
        Formats = [.. codecs.Select(codec => codec.PayloadType.Value.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        Port = 9,
        Mid = mid,
        Direction = direction,
        Codecs = codecs,
        Extensions = Extensions,
        Transport = Transport,
        HasRtcpMux = true,
        HasReducedSizeRtcp = true,
        AllowsMixedExtensions = true,
    };
}
