using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Peers;

/// <summary>What an offer may not do, given what was negotiated before (RFC 9429 §5.2.2). Checked as a whole before anything changes.</summary>
static class NegotiationRules
{
    public static NegotiationError? Check(Offer offer, IReadOnlyList<Section> sections, PeerGrants grants, ExtensionMap extensions, string? fingerprint)
    {
        if (offer.Sections.Count > grants.MaxSections)
            return new NegotiationError(NegotiationErrorCode.TooLarge, "m=", $"at most {grants.MaxSections} sections");
        if (offer.Sections.Count < sections.Count)
            return new NegotiationError(NegotiationErrorCode.Discontinuity, "m=", "sections of an earlier offer are missing");
        var tracks = offer.Sections.Count(section => section is { IsRejected: false, IsMedia: true } && section.Direction.Sends());
        if (grants.Publish && tracks > grants.MaxTracks)
            return new NegotiationError(NegotiationErrorCode.TooLarge, "a=sendrecv", $"at most {grants.MaxTracks} sending sections");
        return CheckFingerprint(offer, fingerprint) ?? CheckSections(offer, sections) ?? CheckExtensions(offer, extensions);
    }

    /// <summary>The one we verify; null when the offer has none of SHA-256.</summary>
    public static string? FingerprintOf(Offer offer) =>
        offer.Transport.Fingerprints.FirstOrDefault(fingerprint => fingerprint.Algorithm == Dtls.DtlsFingerprint.Algorithm)?.ToString();

    static NegotiationError? CheckFingerprint(Offer offer, string? fingerprint)
    {
        if (FingerprintOf(offer) is not { } offered)
            return new NegotiationError(NegotiationErrorCode.Unsupported, "a=fingerprint", "sha-256 expected");
        return fingerprint is null || fingerprint == offered
            ? null
            : new NegotiationError(NegotiationErrorCode.Discontinuity, "a=fingerprint", "it must not change within a session");
    }

    static NegotiationError? CheckSections(Offer offer, IReadOnlyList<Section> sections)
    {
        for (var i = 0; i < sections.Count; i++)
        {
            var (before, now) = (sections[i], offer.Sections[i]);
            if (before.IsRejected || now.IsRejected) continue;
            if (before.Kind != now.Kind) return Error(now, "m=", "its media type changed");
            if (before.Mid != now.Mid) return Error(now, "a=mid", "it changed while the section was in use");
        }

        return null;
    }

    static NegotiationError? CheckExtensions(Offer offer, ExtensionMap extensions)
    {
        foreach (var section in offer.Sections)
        {
            if (section.IsRejected || !section.IsMedia) continue;
            foreach (var mapping in section.Extensions)
            {
                var kind = ExtensionUri.Parse(mapping.Uri);
                if (kind == ExtensionKind.None) continue;
                var (known, id) = (extensions.KindOf(mapping.Id), extensions.IdOf(kind));
                if ((known != ExtensionKind.None && known != kind) || (id != 0 && id != mapping.Id))
                    return new NegotiationError(NegotiationErrorCode.ExtensionConflict, "a=extmap", $"id {mapping.Id} meant something else before", section.Index, section.Mid);
            }
        }

        return null;
    }

    static NegotiationError Error(MediaDescription section, string field, string message) =>
        new(NegotiationErrorCode.Discontinuity, field, message, section.Index, section.Mid);
}
