using System.Diagnostics.CodeAnalysis;

namespace Realtime.Media.Sdp;

/// <summary>What this server asks of an offer. Rejected sections are asked nothing: they only keep their place.</summary>
static class OfferRules
{
    public static bool TryAccept(SessionDescription session, [NotNullWhen(true)] out Offer? offer, [NotNullWhen(false)] out NegotiationError? error)
    {
        offer = null;
        error = CheckMids(session);
        if (error is not null) return false;
        IReadOnlyList<MediaDescription> sections = session.Sections;
        error = CheckBundle(session, out var bundle, out var tagged) ?? CheckSections(session, tagged) ?? CheckTransport(tagged) ?? CheckExtensions(session, out sections);
        if (error is not null) return false;
        offer = new Offer
        {
            Sections = sections,
            Bundle = bundle,
            Transport = tagged.Transport,
            AllowsMixedExtensions = session.Sections.All(section => section.IsRejected || !section.IsMedia || section.AllowsMixedExtensions),
        };
        return true;
    }

    static NegotiationError? CheckMids(SessionDescription session)
    {
        var seen = new HashSet<string>();
        foreach (var section in session.Sections)
        {
            if (section.Mid.Length == 0)
            {
                if (section.IsRejected) continue;
                return Error(section, NegotiationErrorCode.Missing, "a=mid", "every section in use needs one");
            }

            if (!seen.Add(section.Mid)) return Error(section, NegotiationErrorCode.Duplicate, "a=mid", "another section has the same");
        }

        return null;
    }

    static NegotiationError? CheckBundle(SessionDescription session, out IReadOnlyList<string> bundle, out MediaDescription tagged)
    {
        bundle = [];
        tagged = session.Sections[0];
        var inUse = session.Sections.Where(section => !section.IsRejected).ToDictionary(section => section.Mid);
        if (inUse.Count == 0) return new NegotiationError(NegotiationErrorCode.Missing, "m=", "no section in use");
        if (session.BundleGroups.Count != 1) return new NegotiationError(NegotiationErrorCode.Bundle, "a=group:BUNDLE", "exactly one group expected");

        bundle = session.BundleGroups[0];
        if (bundle.Distinct().Count() != bundle.Count) return new NegotiationError(NegotiationErrorCode.Duplicate, "a=group:BUNDLE", "a mid stands twice in it");
        foreach (var mid in bundle)
        {
            if (!inUse.ContainsKey(mid)) return new NegotiationError(NegotiationErrorCode.Bundle, "a=group:BUNDLE", "names a section that is not in use", Mid: mid);
        }

        foreach (var section in inUse.Values)
        {
            if (!bundle.Contains(section.Mid)) return Error(section, NegotiationErrorCode.Bundle, "a=group:BUNDLE", "all sections must be bundled");
        }

        tagged = inUse[bundle[0]];
        return tagged.IsBundleOnly ? Error(tagged, NegotiationErrorCode.Bundle, "a=bundle-only", "the first of the group carries the transport") : null;
    }

    static NegotiationError? CheckSections(SessionDescription session, MediaDescription tagged)
    {
        foreach (var section in session.Sections)
        {
            if (section.IsRejected || !section.IsMedia) continue;
            // RFC 5764 §8, with and without feedback profile, over UDP or ICE-TCP (RFC 7850).
            if (section.Protocol is not ("UDP/TLS/RTP/SAVPF" or "TCP/TLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP" or "TCP/TLS/RTP/SAVP" or "RTP/SAVPF"))
            {
                return Error(section, NegotiationErrorCode.Unsupported, "m=", "DTLS-SRTP expected: UDP/TLS/RTP/SAVPF");
            }

            // A bundle-only section leaves it to the first of the group, whose transport it shares (RFC 9143 §7.1.3).
            if (!section.HasRtcpMux && !(section.IsBundleOnly && tagged.HasRtcpMux)) return Error(section, NegotiationErrorCode.Missing, "a=rtcp-mux", "RTP and RTCP share one port");
        }

        return null;
    }

    static NegotiationError? CheckTransport(MediaDescription tagged)
    {
        var transport = tagged.Transport;
        if (transport.IceUfrag.Length == 0) return Error(tagged, NegotiationErrorCode.Missing, "a=ice-ufrag", "the first of the BUNDLE group carries the transport");
        if (transport.IcePwd.Length == 0) return Error(tagged, NegotiationErrorCode.Missing, "a=ice-pwd", "the first of the BUNDLE group carries the transport");
        if (transport.Fingerprints.Count == 0) return Error(tagged, NegotiationErrorCode.Missing, "a=fingerprint", "one of sha-256, sha-384, sha-512 expected");
        return transport.Setup switch
        {
            SetupRole.ActPass or SetupRole.Active => null,
            SetupRole.None => Error(tagged, NegotiationErrorCode.Missing, "a=setup", "actpass or active expected"),
            _ => Error(tagged, NegotiationErrorCode.Unsupported, "a=setup", "actpass or active expected: the server is the DTLS server"),
        };
    }

    /// <summary>
    /// One id space for the whole BUNDLE group (RFC 9143 §9.2). An id that means something else than in an earlier section is passed over there, as if it were not offered:
    /// aiortc numbers each section for itself, and uses only what is answered.
    /// </summary>
    static NegotiationError? CheckExtensions(SessionDescription session, out IReadOnlyList<MediaDescription> sections)
    {
        var uris = new Dictionary<byte, string>();
        var ids = new Dictionary<string, byte>(StringComparer.OrdinalIgnoreCase);
        var kept = new List<MediaDescription>(session.Sections.Count);
        sections = kept;
        foreach (var section in session.Sections)
        {
            if (section.IsRejected)
            {
                kept.Add(section);
                continue;
            }

            var extensions = new List<ExtensionMapping>(section.Extensions.Count);
            var own = new Dictionary<byte, string>();
            foreach (var extension in section.Extensions)
            {
                if (!IsSame(own, extension)) return Error(section, NegotiationErrorCode.ExtensionConflict, "a=extmap", $"id {extension.Id} stands for two URIs");
                if (!IsSame(uris, extension)) continue;
                if (!ids.TryAdd(extension.Uri, extension.Id) && ids[extension.Uri] != extension.Id)
                {
                    return Error(section, NegotiationErrorCode.ExtensionConflict, "a=extmap", $"{extension.Uri} has two ids");
                }

                extensions.Add(extension);
            }

            kept.Add(extensions.Count == section.Extensions.Count ? section : section with { Extensions = extensions });
        }

        return null;

        static bool IsSame(Dictionary<byte, string> known, ExtensionMapping extension) =>
            known.TryAdd(extension.Id, extension.Uri) || known[extension.Id].Equals(extension.Uri, StringComparison.OrdinalIgnoreCase);
    }

    static NegotiationError Error(MediaDescription section, NegotiationErrorCode code, string field, string message) =>
        new(code, field, message, section.Index, section.Mid);
}
