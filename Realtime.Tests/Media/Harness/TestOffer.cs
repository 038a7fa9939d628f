using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// Offers of our own test peer, shaped like Chromium's: Opus and VP8 with RTX, the usual header extensions, one BUNDLE group. Sections are added, stopped
/// and changed between calls of <see cref="ToSdp"/>, as a client would between negotiations.
/// </summary>
public sealed class TestOffer(string ufrag, string pwd, Fingerprint fingerprint)
{
    public static readonly PayloadType Opus = new(111);
    public static readonly PayloadType Vp8 = new(96);

    static readonly ExtensionKind[] AudioExtensions =
        [ExtensionKind.AudioLevel, ExtensionKind.AbsSendTime, ExtensionKind.TransportCc, ExtensionKind.Mid];

    static readonly ExtensionKind[] VideoExtensions =
    [
        ExtensionKind.TransmissionOffset, ExtensionKind.AbsSendTime, ExtensionKind.VideoOrientation, ExtensionKind.TransportCc, ExtensionKind.PlayoutDelay,
        ExtensionKind.VideoContentType, ExtensionKind.VideoTiming, ExtensionKind.ColorSpace, ExtensionKind.Mid, ExtensionKind.Rid, ExtensionKind.RepairedRid,
        ExtensionKind.DependencyDescriptor,
    ];

    readonly List<Section> sections = [];
    int version = 1;

    public string Ufrag { get; set; } = ufrag;

    public string Pwd { get; set; } = pwd;

    public SetupRole Setup { get; set; } = SetupRole.ActPass;

    /// <summary>The id this peer gives an extension: the kind's number plus this, so that two peers with different offsets differ in every id.</summary>
    public int ExtensionOffset { get; init; }

    public bool AllowsMixedExtensions { get; init; } = true;

    /// <summary>What video sections offer, RTX included.</summary>
    public IReadOnlyList<Codec> VideoCodecs { get; init; } = TestCodecs.Vp8();

    /// <summary>What audio sections offer.</summary>
    public IReadOnlyList<Codec> AudioCodecs { get; set; } = [TestCodecs.Opus()];

    /// <summary>Whether sending sections have ssrc lines; without them a stream is known by its MID alone.</summary>
    public bool TellsSsrcs { get; init; } = true;

    public IReadOnlyList<Section> Sections => sections;

    public sealed class Section
    {
        public required string Mid { get; init; }

        public required SectionKind Kind { get; init; }

        public MediaDirection Direction { get; set; }

        /// <summary>Of what this peer sends; set in sections that send.</summary>
        public Ssrc Ssrc { get; init; }

        public Ssrc RtxSsrc => new(Ssrc.Value ^ 0x5555_0000);

        public string StreamId { get; init; } = "";

        public string TrackId { get; init; } = "";

        /// <summary>Of a simulcast, in the order offered; such a section tells no SSRCs.</summary>
        public IReadOnlyList<string> Rids { get; init; } = [];

        /// <summary>Offered with port 0 from now on.</summary>
        public bool IsStopped { get; set; }
    }

    public byte IdOf(ExtensionKind kind) => (byte)((int)kind + ExtensionOffset);

    /// <param name="ssrc">Needed when the section sends.</param>
    public Section Add(SectionKind kind, MediaDirection direction, uint ssrc = 0, string streamId = "stream", params IReadOnlyList<string> rids)
    {
        var mid = sections.Count.ToString();
        var section = new Section { Mid = mid, Kind = kind, Direction = direction, Ssrc = new Ssrc(ssrc), StreamId = streamId, TrackId = $"track-{mid}", Rids = rids };
        sections.Add(section);
        return section;
    }

    /// <summary>Receive sections, as a subscriber adds them when the server asks for them.</summary>
    public void AddReceivers(int audio, int video)
    {
        for (var i = 0; i < audio; i++) Add(SectionKind.Audio, MediaDirection.RecvOnly);
        for (var i = 0; i < video; i++) Add(SectionKind.Video, MediaDirection.RecvOnly);
    }

    public string ToSdp()
    {
        var sdp = new SdpBuilder().Session(4611731400430051336, version++);
        sdp.Bundle(sections.Where(section => !section.IsStopped).Select(section => section.Mid));
        if (AllowsMixedExtensions) sdp.Line("a=extmap-allow-mixed");
        sdp.Line("a=msid-semantic: WMS *");
        foreach (var section in sections) Write(sdp, section);
        return sdp.ToString();
    }

    void Write(SdpBuilder sdp, Section section)
    {
        var port = section.IsStopped ? 0 : 9;
        if (section.Kind == SectionKind.Application)
        {
            sdp.Media("application", port, "UDP/DTLS/SCTP", ["webrtc-datachannel"]);
            sdp.Transport(Ufrag, Pwd, fingerprint, Setup).Line($"a=mid:{section.Mid}").Line("a=sctp-port:5000");
            return;
        }

        var isAudio = section.Kind == SectionKind.Audio;
        var codecs = isAudio ? AudioCodecs : VideoCodecs;
        sdp.Media(isAudio ? "audio" : "video", port, "UDP/TLS/RTP/SAVPF", codecs.Select(codec => codec.PayloadType.ToString()));
        sdp.Transport(Ufrag, Pwd, fingerprint, Setup).Line($"a=mid:{section.Mid}");
        foreach (var kind in isAudio ? AudioExtensions : VideoExtensions) sdp.Extension(new ExtensionMapping(IdOf(kind), ExtensionUri.Of(kind)));
        sdp.Line($"a={(section.IsStopped ? MediaDirection.Inactive : section.Direction).ToText()}").Line("a=rtcp-mux").Line("a=rtcp-rsize");
        foreach (var codec in codecs) sdp.Codec(codec);
        if (section.IsStopped || !section.Direction.Sends()) return;
        sdp.Msid(new Msid(section.StreamId, section.TrackId));
        foreach (var rid in section.Rids) sdp.Line($"a=rid:{rid} send");
        if (section.Rids.Count > 0) sdp.Line($"a=simulcast:send {string.Join(';', section.Rids)}");
        if (!TellsSsrcs || section.Rids.Count > 0) return;
        if (!isAudio) sdp.SourceGroup(new SsrcGroup("FID", [section.Ssrc, section.RtxSsrc]));
        sdp.Source(new SsrcDescription(section.Ssrc, "test-peer", section.StreamId, section.TrackId));
        if (!isAudio) sdp.Source(new SsrcDescription(section.RtxSsrc, "test-peer", section.StreamId, section.TrackId));
    }
}
