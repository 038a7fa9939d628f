namespace Realtime.Media.Sdp;

/// <summary>
/// Which of the offered payload types are answered, under the offerer's numbers: names in the offerer's order, by which a client says what it
/// prefers (RFC 3264 §6.1), the formats of one name in the server's. Each is followed by its RTX; Opus has its RED beside it.
/// </summary>
public static class CodecNegotiation
{
    const string TransportCc = "transport-cc";
    const string Remb = "goog-remb";

    /// <summary>Empty when nothing is in common: the section must be rejected. Payload types that rtcp-mux rules out are passed over.</summary>
    public static IReadOnlyList<Codec> Select(MediaDescription offered, ServerCapabilities capabilities)
    {
        var selected = new List<Codec>();
        foreach (var codec in offered.Codecs)
        {
            if (selected.Exists(chosen => chosen.Is(codec.Name))) continue;
            foreach (var capability in capabilities.Codecs)
            {
                if (capability.Kind != offered.Kind || !codec.Is(capability.Name) || Find(offered, capability) is not { } found) continue;
                selected.Add(Answer(found, capability, capabilities));
                if (capabilities.Red && FindRed(offered.Codecs, found) is { } red) AddRed(selected, offered, found, red);
                if (capabilities.Rtx && FindRtx(offered.Codecs, found) is { } rtx) selected.Add(rtx with { Feedback = [] });
            }
        }

        return selected;
    }

    /// <summary>The payload type that repairs a codec (RFC 4588 §8.6); null without one.</summary>
    public static Codec? FindRtx(IReadOnlyList<Codec> codecs, Codec repaired)
    {
        foreach (var codec in codecs)
        {
            if (codec.IsRtx && codec.AssociatedPayloadType == repaired.PayloadType && codec.ClockRate == repaired.ClockRate && !codec.PayloadType.CollidesWithRtcp)
                return codec;
        }

        return null;
    }

    /// <summary>The payload type that repeats a codec's frames (RFC 2198); null without one.</summary>
    public static Codec? FindRed(IReadOnlyList<Codec> codecs, Codec repeated)
    {
        foreach (var codec in codecs)
        {
            if (codec.IsRed && codec.AssociatedPayloadType == repeated.PayloadType && codec.ClockRate == repeated.ClockRate && codec.Channels == repeated.Channels
                && !codec.PayloadType.CollidesWithRtcp)
                return codec;
        }

        return null;
    }

    /// <summary>Before its codec where it is offered before it: that is how a client says that it wants to send it.</summary>
    static void AddRed(List<Codec> selected, MediaDescription offered, Codec repeated, Codec red)
    {
        var codecs = offered.Codecs.ToList();
        var isPreferred = codecs.IndexOf(red) < codecs.IndexOf(repeated);
        selected.Insert(isPreferred ? selected.Count - 1 : selected.Count, red with { Feedback = [] });
    }

    static Codec? Find(MediaDescription offered, CodecCapability capability)
    {
        foreach (var codec in offered.Codecs)
        {
            if (!codec.PayloadType.CollidesWithRtcp && capability.Accepts(codec)) return codec;
        }

        return null;
    }

    static Codec Answer(Codec offered, CodecCapability capability, ServerCapabilities capabilities)
    {
        var feedback = new List<string>();
        foreach (var wanted in capability.Feedback) Offer(wanted);
        if (capabilities.TransportCc) Offer(offered.HasFeedback(TransportCc) ? TransportCc : Remb);

        var parameters = new List<string>();
        foreach (var name in capability.Kept)
        {
            if (offered.Parameter(name) is { } value) parameters.Add(value.Length == 0 ? name : $"{name}={value}");
        }

        return offered with { Feedback = feedback, FormatParameters = string.Join(';', parameters) };

        void Offer(string wanted)
        {
            if (offered.HasFeedback(wanted) && !feedback.Contains(wanted)) feedback.Add(wanted);
        }
    }
}
