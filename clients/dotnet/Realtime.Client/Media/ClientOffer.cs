using Realtime.Media.Ice;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Client.Media;

/// <summary>Writes our offers (RFC 9429): one BUNDLE, Opus and VP8 with RTX, sections in the order in which they were made.</summary>
static class ClientOffer
{
    const string Stream = "realtime";

    static readonly ExtensionMapping[] s_audio =
    [
        new(MediaFormats.LevelId, ExtensionUri.Of(ExtensionKind.AudioLevel)), new(MediaFormats.TransportId, ExtensionUri.Of(ExtensionKind.TransportCc)), new(MediaFormats.MidId, ExtensionUri.Of(ExtensionKind.Mid)),
    ];

    static readonly ExtensionMapping[] s_video =
    [
        new(MediaFormats.TransportId, ExtensionUri.Of(ExtensionKind.TransportCc)), new(MediaFormats.MidId, ExtensionUri.Of(ExtensionKind.Mid)),
    ];

    public static string Write(long session, long version, IceCredentials local, Fingerprint fingerprint, IReadOnlyList<MediaSection> sections)
    {
        var sdp = new SdpBuilder().Session(session, version).Bundle(sections.Select(static section => section.Mid));
        sdp.Line("a=extmap-allow-mixed").Line("a=msid-semantic: WMS *");
        foreach (var section in sections)
            Write(sdp, local, fingerprint, section);
        return sdp.ToString();
    }

    static void Write(SdpBuilder sdp, IceCredentials local, Fingerprint fingerprint, MediaSection section)
    {
        var codecs = section.IsVideo ? MediaFormats.Video : MediaFormats.Audio;
        sdp.Media(section.IsVideo ? "video" : "audio", 9, "UDP/TLS/RTP/SAVPF", codecs.Select(static codec => codec.PayloadType.ToString()));
        sdp.Transport(local.Ufrag, local.Password, fingerprint, SetupRole.ActPass).Line($"a=mid:{section.Mid}");
        foreach (var extension in section.IsVideo ? s_video : s_audio)
            sdp.Extension(extension);
        sdp.Line($"a={section.Direction.ToText()}").Line("a=rtcp-mux").Line("a=rtcp-rsize");
        foreach (var codec in codecs)
            sdp.Codec(codec);
        if (section.Sending is not { } sending || !section.Direction.Sends())
            return;
        var track = $"track-{section.Mid}";
        sdp.Msid(new Msid(Stream, track));
        if (section.IsVideo)
            sdp.SourceGroup(new SsrcGroup("FID", [sending.Ssrc, sending.RepairSsrc])).Source(new SsrcDescription(sending.Ssrc, Stream, Stream, track)).Source(new SsrcDescription(sending.RepairSsrc, Stream, Stream, track));
        else
            sdp.Source(new SsrcDescription(sending.Ssrc, Stream, Stream, track));
    }
}
