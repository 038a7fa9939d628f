namespace Realtime.Media.Sdp;

/// <summary>The server's side of an ICE restart as <c>application/trickle-ice-sdpfrag</c> (RFC 8840 §9, RFC 9725 §4.3.3): new credentials, and all candidates there will be.</summary>
public static class IceFragmentWriter
{
    /// <param name="sections">Those in use; the first carries the transport.</param>
    /// <param name="candidates">What follows <c>a=candidate:</c>.</param>
    public static string Write(IReadOnlyList<MediaDescription> sections, string ufrag, string pwd, IReadOnlyList<string> candidates)
    {
        var tagged = sections[0];
        var sdp = new SdpBuilder().Line("a=ice-lite").Bundle(sections.Select(section => section.Mid));
        sdp.Line($"m={tagged.Media} 9 {tagged.Protocol} {string.Join(' ', tagged.Formats)}").Line($"a=mid:{tagged.Mid}");
        sdp.Line($"a=ice-ufrag:{ufrag}").Line($"a=ice-pwd:{pwd}");
        foreach (var candidate in candidates) sdp.Line($"a=candidate:{candidate}");
        return sdp.Line("a=end-of-candidates").ToString();
    }
}
