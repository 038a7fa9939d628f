namespace Realtime.Media.Sdp;

/// <summary>Which of the offered payload types are answered: in the server's order, under the offerer's numbers (RFC 3264 §6.1).</summary>
public static class CodecNegotiation
{
    const string Nack = "nack";
    const string TransportCc = "transport-cc";

    /// <summary>Empty when nothing is in common: the section must be rejected. Payload types that rtcp-mux rules out are passed over.</summary>
    public static IReadOnlyList<Codec> Select(MediaDescription offered, ServerCapabilities capabilities)
    {
        var selected = new List<Codec>();
        foreach (var capability in capabilities.Codecs)
        {
            if (capability.Kind != offered.Kind || Find(offered, capability) is not { } codec) continue;
            selected.Add(Answer(codec, capability, capabilities));
            if (capabilities.Rtx && FindRtx(offered, codec) is { } rtx) selected.Add(rtx with { Feedback = [] });
        }

        return selected;
    }

    static Codec? Find(MediaDescription offered, CodecCapability capability)
    {
        foreach (var codec in offered.Codecs)
        {
            if (codec.Is(capability.Name) && codec.ClockRate == capability.ClockRate && codec.Channels == capability.Channels
                && !codec.PayloadType.CollidesWithRtcp && HasRequired(codec, capability))
            {
                return codec;
            }
        }

        return null;
    }

    static bool HasRequired(Codec codec, CodecCapability capability)
    {
        foreach (var (name, value) in capability.Required)
        {
            if (!string.Equals(codec.Parameter(name), value, StringComparison.OrdinalIgnoreCase)) return false;
        }

        return true;
    }

    static Codec? FindRtx(MediaDescription offered, Codec repaired)
    {
        foreach (var codec in offered.Codecs)
        {
            if (codec.IsRtx && codec.AssociatedPayloadType == repaired.PayloadType && !codec.PayloadType.CollidesWithRtcp) return codec;
        }

        return null;
    }

    static Codec Answer(Codec offered, CodecCapability capability, ServerCapabilities capabilities)
    {
        var feedback = new List<string>();
        foreach (var wanted in capability.Feedback) Offer(wanted);
        if (capabilities.Rtx && capability.Kind == SectionKind.Video) Offer(Nack);
        if (capabilities.TransportCc) Offer(TransportCc);

        var parameters = new List<string>();
        foreach (var name in capability.Required.Keys.Concat(capability.Kept))
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
