using System.Diagnostics.CodeAnalysis;

namespace Realtime.Media.Sdp;

/// <summary>Reads an offer and holds it against what this server requires (RFC 9429 §5.8, RFC 9143).</summary>
public static class OfferReader
{
    /// <summary>Exactly one of <paramref name="offer"/> and <paramref name="error"/> is set. Never throws.</summary>
    public static bool TryRead(string sdp, [NotNullWhen(true)] out Offer? offer, [NotNullWhen(false)] out NegotiationError? error) =>
        TryRead(sdp, SdpLimits.Default, out offer, out error);

    public static bool TryRead(
        string sdp,
        SdpLimits limits,
        [NotNullWhen(true)] out Offer? offer,
        [NotNullWhen(false)] out NegotiationError? error)
    {
        offer = null;
        return SdpReader.TryRead(sdp, limits, out var session, out error) && OfferRules.TryAccept(session, out offer, out error);
    }
}
