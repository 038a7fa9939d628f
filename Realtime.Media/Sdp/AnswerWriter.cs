namespace Realtime.Media.Sdp;

/// <summary>
/// The text of an answer (RFC 9429 §5.3): sections in the offer's order, refused ones with port 0 and outside the BUNDLE group. The server is ICE-lite and the DTLS
/// server. Credentials and fingerprint stand in every section for clients that look only there; candidates in the first, whose transport is everyone's.
/// </summary>
public static class AnswerWriter
{
    const int RejectedPort = 0;
    const int DiscardPort = 9;

    public static string Write(Answer answer)
    {
        var sdp = new SdpBuilder().Session(answer.SessionId, answer.SessionVersion).Line("a=ice-lite");
        var accepted = answer.Sections.Where(section => !section.IsRejected).Select(section => section.Offered.Mid).ToList();
        if (accepted.Count > 0) sdp.Bundle(accepted);
        if (answer.AllowsMixedExtensions) sdp.Line("a=extmap-allow-mixed");
        sdp.Line("a=msid-semantic: WMS *");

        var isTagged = true;
        foreach (var section in answer.Sections)
        {
            if (section.IsRejected)
            {
                WriteRejected(sdp, section.Offered);
                continue;
            }

            WriteAccepted(sdp, section, answer.Transport, isTagged);
            isTagged = false;
        }

        return sdp.ToString();
    }

    static void WriteRejected(SdpBuilder sdp, MediaDescription offered)
    {
        sdp.Media(offered.Media, RejectedPort, offered.Protocol, offered.Formats);
        if (offered.Mid.Length > 0) sdp.Line($"a=mid:{offered.Mid}");
        if (offered.IsMedia) sdp.Line("a=inactive");
    }

    static void WriteAccepted(SdpBuilder sdp, AnswerSection section, AnswerTransport transport, bool isTagged)
    {
        var offered = section.Offered;
        sdp.Media(offered.Media, DiscardPort, offered.Protocol, section.Codecs.Select(codec => codec.PayloadType.ToString()));
        sdp.Line("a=rtcp:9 IN IP4 0.0.0.0");
        if (isTagged)
        {
            foreach (var candidate in transport.Candidates) sdp.Line($"a=candidate:{candidate}");
            sdp.Line("a=end-of-candidates");
        }

        sdp.Transport(transport.IceUfrag, transport.IcePwd, transport.Fingerprint, SetupRole.Passive);
        sdp.Line($"a=mid:{offered.Mid}");
        foreach (var extension in section.Extensions) sdp.Extension(extension);
        sdp.Line($"a={section.Direction.ToText()}");
        if (section.Msid is { } msid) sdp.Msid(msid);
        sdp.Line("a=rtcp-mux");
        if (offered.HasRtcpMuxOnly) sdp.Line("a=rtcp-mux-only");
        if (offered.HasReducedSizeRtcp) sdp.Line("a=rtcp-rsize");
        foreach (var codec in section.Codecs) sdp.Codec(codec);
        foreach (var rid in section.Rids) sdp.Line($"a=rid:{rid} recv");
        if (section.Rids.Count > 0) sdp.Line($"a=simulcast:recv {string.Join(';', section.Rids)}");
        foreach (var group in section.SsrcGroups) sdp.SourceGroup(group);
        foreach (var source in section.Ssrcs) sdp.Source(source);
    }
}
