namespace Realtime.Media.Sdp;

/// <summary>
/// What a later offer of the same session may change (RFC 3264 §8, RFC 9429 §5.2.2): sections are added at the end, never removed or reordered; one keeps its
/// mid and kind unless it was rejected and is recycled; an extension id keeps its meaning.
/// </summary>
public static class OfferContinuity
{
    /// <summary>Null when <paramref name="next"/> continues <paramref name="previous"/>.</summary>
    public static NegotiationError? Check(Offer previous, Offer next)
    {
        if (next.Sections.Count < previous.Sections.Count)
        {
            return new NegotiationError(NegotiationErrorCode.Discontinuity, "m=", $"{previous.Sections.Count} sections were offered before, {next.Sections.Count} now");
        }

        for (var i = 0; i < previous.Sections.Count; i++)
        {
            if (CheckSection(previous.Sections[i], next.Sections[i]) is { } error) return error;
        }

        return CheckExtensions(previous, next);
    }

    /// <summary>Whether the offer restarts ICE: its credentials changed (RFC 8839 §4.4.3.1.1).</summary>
    public static bool IsIceRestart(Offer previous, Offer next) =>
        previous.Transport.IceUfrag != next.Transport.IceUfrag || previous.Transport.IcePwd != next.Transport.IcePwd;

    static NegotiationError? CheckSection(MediaDescription before, MediaDescription now)
    {
        // Stopped now: whatever else it says does not matter. Rejected before: the place was free.
        if (now.IsRejected || before.IsRejected) return null;
        if (now.Mid != before.Mid) return Error("a=mid", $"this section's mid was {before.Mid}");
        return now.Kind != before.Kind ? Error("m=", $"this section was {before.Media}") : null;

        NegotiationError Error(string field, string message) => new(NegotiationErrorCode.Discontinuity, field, message, now.Index, now.Mid);
    }

    static NegotiationError? CheckExtensions(Offer previous, Offer next)
    {
        var known = new Dictionary<byte, string>();
        foreach (var extension in Extensions(previous)) known[extension.Id] = extension.Uri;
        foreach (var extension in Extensions(next))
        {
            if (known.TryGetValue(extension.Id, out var uri) && !uri.Equals(extension.Uri, StringComparison.OrdinalIgnoreCase))
            {
                return new NegotiationError(NegotiationErrorCode.Discontinuity, "a=extmap", $"id {extension.Id} stood for {uri}");
            }
        }

        return null;
    }

    static IEnumerable<ExtensionMapping> Extensions(Offer offer) =>
        offer.Sections.Where(section => !section.IsRejected).SelectMany(section => section.Extensions);
}
