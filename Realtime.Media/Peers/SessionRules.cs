using Realtime.Media.Sdp;

namespace Realtime.Media.Peers;

/// <summary>
/// What WHIP and WHEP ask of an offer beyond a room's own rules (RFC 9725 §4.2, §4.4): media one way, at most one audio and one video section, and all or nothing:
/// a section that could only be rejected refuses the whole offer. Sections that are no media (data channels) are answered with port 0.
/// </summary>
public static class SessionRules
{
    /// <param name="publishes">WHIP; else WHEP.</param>
    public static NegotiationError? Check(Offer offer, bool publishes)
    {
        var (audio, video) = (0, 0);
        foreach (var section in offer.Sections)
        {
            if (section.IsRejected || !section.IsMedia) continue;
            if (publishes ? !section.Direction.Sends() : !section.Direction.Receives())
                return Unsupported(section, $"a={section.Direction.ToText()}", publishes ? "sendonly or sendrecv expected" : "recvonly or sendrecv expected");
            if ((section.Kind == SectionKind.Audio ? ++audio : ++video) > 1)
                return Unsupported(section, "m=", $"one {section.Media} section at most");
            if (CodecNegotiation.Select(section, ServerCapabilities.Default).Count == 0)
                return Unsupported(section, "a=rtpmap", "no codec in common");
        }

        if (audio + video == 0) return new NegotiationError(NegotiationErrorCode.Unsupported, "m=", "an audio or video section expected");
        return NegotiationRules.FingerprintOf(offer) is null ? new NegotiationError(NegotiationErrorCode.Unsupported, "a=fingerprint", "sha-256 expected") : null;
    }

    static NegotiationError Unsupported(MediaDescription section, string field, string message) =>
        new(NegotiationErrorCode.Unsupported, field, message, section.Index, section.Mid);
}
