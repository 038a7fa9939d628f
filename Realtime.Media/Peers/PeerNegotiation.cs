using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>Picks the codec a publisher is asked for, of those it offers and we forward, in its order.</summary>
public delegate Codec CodecChooser(SectionKind kind, IReadOnlyList<Codec> codecs);

/// <summary>
/// The sections of one peer through all its offers. The client always offers; sections keep their place, are reused, and change only
/// what they carry. A refused offer changes nothing.
/// </summary>
public sealed class PeerNegotiation(PeerGrants grants, Entropy entropy)
{
    static readonly string[] AudioExtensions = [.. new[] { ExtensionKind.Mid, ExtensionKind.AudioLevel, ExtensionKind.TransportCc }.Select(ExtensionUri.Of)];

    static readonly string[] VideoExtensions =
    [
        .. new[]
        {
            ExtensionKind.Mid, ExtensionKind.Rid, ExtensionKind.RepairedRid, ExtensionKind.TransportCc, ExtensionKind.VideoOrientation, ExtensionKind.PlayoutDelay,
            ExtensionKind.VideoContentType, ExtensionKind.ColorSpace, ExtensionKind.DependencyDescriptor, ExtensionKind.VideoLayersAllocation,
        }.Select(ExtensionUri.Of),
    ];

    readonly List<Section> sections = [];
    readonly SenderClock clock = new();
    // Positive, and small enough for readers that keep it as a double (RFC 9429 §5.2.1 asks for 63 bits at most).
    readonly long sessionId = (long)(entropy.NextUInt64() >> 12) + 1;
    long version;
    bool allowsMixed;

    /// <summary>In the order of the m= lines.</summary>
    public IReadOnlyList<Section> Sections => sections;

    /// <summary>One meaning per id for the whole session.</summary>
    public ExtensionMap Extensions { get; } = new();

    /// <summary>As in SDP; null before the first offer.</summary>
    public string? Fingerprint { get; private set; }

    /// <summary>The client's ufrag and password: new ones mean an ICE restart.</summary>
    public (string Ufrag, string Password) Remote { get; private set; }

    /// <summary>At least one answer was written.</summary>
    public bool HasAnswered => version > 0;

    /// <summary>Takes an offer. The error is the offerer's fault, and then nothing has changed.</summary>
    public NegotiationError? Apply(Offer offer, CodecChooser choose)
    {
        if (NegotiationRules.Check(offer, sections, grants, Extensions, Fingerprint) is { } error) return error;
        Fingerprint = NegotiationRules.FingerprintOf(offer);
        Remote = (offer.Transport.IceUfrag, offer.Transport.IcePwd);
        allowsMixed = offer.AllowsMixedExtensions;
        Extensions.AllowsTwoByte = allowsMixed;
        for (var i = 0; i < offer.Sections.Count; i++)
        {
            var offered = offer.Sections[i];
            if (i == sections.Count) sections.Add(new Section(i) { Offered = offered, IsRejected = true });
            Apply(sections[i], offered, choose);
        }

        return null;
    }

    /// <summary>False: nothing new.</summary>
    public bool TakeCredentials(string ufrag, string password)
    {
        if (Remote == (ufrag, password)) return false;
        Remote = (ufrag, password);
        return true;
    }

    public string WriteIceFragment(IceCredentials local, IReadOnlyList<string> candidates) =>
        IceFragmentWriter.Write([.. sections.Where(section => !section.IsRejected).Select(section => section.Offered)], local.Ufrag, local.Password, candidates);

    public string WriteAnswer(IceCredentials local, Sdp.Fingerprint fingerprint, IReadOnlyList<string> candidates) => AnswerWriter.Write(new Answer
    {
        SessionId = sessionId,
        SessionVersion = ++version,
        Transport = new AnswerTransport(local.Ufrag, local.Password, fingerprint, candidates),
        AllowsMixedExtensions = allowsMixed,
        Sections = [.. sections.Select(AnswerTo)],
    });

    void Apply(Section section, MediaDescription offered, CodecChooser choose)
    {
        var codecs = offered.IsRejected || !offered.IsMedia ? [] : CodecNegotiation.Select(offered, ServerCapabilities.Default);
        if (section.IsRejected || codecs.Count == 0 || section.Mid != offered.Mid)
        {
            section.Incoming = null;
            section.Outgoing = null;
            section.Playing = null;
        }

        section.Offered = offered;
        section.Codecs = codecs;
        section.IsRejected = codecs.Count == 0;
        if (section.IsRejected)
        {
            section.Extensions = [];
            return;
        }

        section.Extensions = ExtensionNegotiation.Select(offered, offered.Kind == SectionKind.Audio ? AudioExtensions : VideoExtensions);
        foreach (var extension in section.Extensions) Extensions.TryAdd(extension.Id, ExtensionUri.Parse(extension.Uri));

        var publishes = grants.Publish && offered.Direction.Sends();
        section.Incoming = publishes ? Continue(section.Incoming, offered, codecs) ?? NewTrack(offered, codecs, choose) : null;
        var receives = grants.Subscribe && offered.Direction.Receives();
        section.Outgoing = receives ? section.Outgoing ?? NewStream(offered, codecs) : null;
    }

    /// <summary>A track keeps its codec as long as it is offered.</summary>
    static ReceiveTrack? Continue(ReceiveTrack? track, MediaDescription offered, IReadOnlyList<Codec> codecs) =>
        track is not null && codecs.Any(codec => codec.PayloadType == track.Codec.PayloadType && CodecFormat.IsSame(codec, track.Codec))
            && track.Rids.SequenceEqual(SimulcastNegotiation.Select(offered)) ? track : null;

    ReceiveTrack NewTrack(MediaDescription offered, IReadOnlyList<Codec> codecs, CodecChooser choose)
    {
        var codec = choose(offered.Kind, [.. codecs.Where(codec => !codec.IsRtx && !codec.IsRed)]);
        return new ReceiveTrack(offered.Kind, codec, CodecNegotiation.FindRtx(codecs, codec), SimulcastNegotiation.Select(offered), Extensions, clock)
        {
            RedPayloadType = CodecNegotiation.FindRed(codecs, codec)?.PayloadType,
        };
    }

    SendStream NewStream(MediaDescription offered, IReadOnlyList<Codec> codecs)
    {
        var ssrc = NewSsrc();
        var rtx = codecs.Any(codec => codec.IsRtx) ? new RtxSender(NewSsrc(ssrc), new SequenceNumber((ushort)(entropy.NextUInt16() & 0x7FFF))) : null;
        return new SendStream(ssrc, offered.Kind, offered.Mid, codecs, entropy, rtx);
    }

    Ssrc NewSsrc(Ssrc taken = default)
    {
        Ssrc ssrc;
        do ssrc = new Ssrc(entropy.NextUInt32());
        while (ssrc.Value == 0 || ssrc == taken || sections.Exists(section => section.Outgoing is { } stream && (stream.Ssrc == ssrc || stream.Rtx?.Ssrc == ssrc)));
        return ssrc;
    }

    static AnswerSection AnswerTo(Section section)
    {
        if (section.IsRejected) return AnswerSection.Reject(section.Offered);
        var msid = section.Outgoing is null ? null : section.Playing ?? new Msid("", $"section-{section.Mid}");
        return new AnswerSection
        {
            Offered = section.Offered,
            Direction = section.AnswerDirection,
            Codecs = CodecsOf(section),
            Extensions = section.Extensions,
            Rids = section.Incoming?.Rids ?? [],
            Msid = msid,
            Ssrcs = [.. SsrcsOf(section.Outgoing).Select(ssrc => new SsrcDescription(ssrc, PeerFeedback.CnameText))],
            SsrcGroups = section.Outgoing is { Rtx: not null } stream ? [new SsrcGroup("FID", [.. SsrcsOf(stream)])] : [],
        };
    }

    /// <summary>A browser sends the first codec of the answer, and may change to any other that is in it: a publisher is left only the one chosen.</summary>
    static IReadOnlyList<Codec> CodecsOf(Section section)
    {
        if (section.Incoming is not { } source) return section.Codecs;
        var chosen = section.Codecs.Where(codec => codec.PayloadType == source.Codec.PayloadType || codec.PayloadType == source.Carrier(0).RtxPayloadType || codec.PayloadType == source.RedPayloadType);
        return section.Outgoing is null ? [.. chosen] : [.. chosen, .. section.Codecs.Except(chosen)];
    }

    static IEnumerable<Ssrc> SsrcsOf(SendStream? stream)
    {
        if (stream is null) yield break;
        yield return stream.Ssrc;
        if (stream.Rtx is { } rtx) yield return rtx.Ssrc;
    }
}
