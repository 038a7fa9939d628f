using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>
/// The sections of one peer through all its offers. The client always offers; sections keep their place, are reused, and change only
/// what they carry. A refused offer changes nothing.
/// </summary>
public sealed class PeerNegotiation(PeerGrants grants, Entropy entropy)
{
    static readonly string[] AudioExtensions = [.. new[] { ExtensionKind.Mid, ExtensionKind.AudioLevel }.Select(ExtensionUri.Of)];

    static readonly string[] VideoExtensions =
    [
        .. new[]
        {
            ExtensionKind.Mid, ExtensionKind.VideoOrientation, ExtensionKind.PlayoutDelay, ExtensionKind.VideoContentType, ExtensionKind.ColorSpace,
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
    public NegotiationError? Apply(Offer offer)
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
            Apply(sections[i], offered);
        }

        return null;
    }

    public string WriteAnswer(IceCredentials local, Sdp.Fingerprint fingerprint, IReadOnlyList<string> candidates) => AnswerWriter.Write(new Answer
    {
        SessionId = sessionId,
        SessionVersion = ++version,
        Transport = new AnswerTransport(local.Ufrag, local.Password, fingerprint, candidates),
        AllowsMixedExtensions = allowsMixed,
        Sections = [.. sections.Select(AnswerTo)],
    });

    void Apply(Section section, MediaDescription offered)
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
        section.Incoming = publishes ? section.Incoming ?? new ReceiveStream(offered.Kind, codecs[0], clock) : null;
        var receives = grants.Subscribe && offered.Direction.Receives();
        section.Outgoing = receives ? section.Outgoing ?? new SendStream(NewSsrc(), offered.Kind, offered.Mid, codecs, entropy) : null;
    }

    Ssrc NewSsrc()
    {
        Ssrc ssrc;
        do ssrc = new Ssrc(entropy.NextUInt32());
        while (ssrc.Value == 0 || sections.Exists(section => section.Outgoing?.Ssrc == ssrc));
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
            Codecs = section.Codecs,
            Extensions = section.Extensions,
            Msid = msid,
            Ssrcs = section.Outgoing is { } stream ? [new SsrcDescription(stream.Ssrc, PeerFeedback.CnameText)] : [],
        };
    }
}
