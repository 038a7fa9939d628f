using System.Net;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Bench.Load;

/// <summary>SDP of a load client, in the shape of Chromium's: one BUNDLE, Opus or VP8 with RTX, the usual header extensions.</summary>
sealed class MediaOffer(IceCredentials local, Fingerprint fingerprint, NetAddress address)
{
    public static readonly PayloadType Opus = new(111);
    public static readonly PayloadType Vp8 = new(96);

    static readonly PayloadType Vp8Rtx = new(97);

    static readonly ExtensionMapping[] AudioExtensions =
        [new(4, ExtensionUri.Of(ExtensionKind.Mid)), new(1, ExtensionUri.Of(ExtensionKind.AudioLevel)), new(2, ExtensionUri.Of(ExtensionKind.AbsSendTime)),
        new(3, ExtensionUri.Of(ExtensionKind.TransportCc))];

    static readonly ExtensionMapping[] VideoExtensions =
    [
        new(4, ExtensionUri.Of(ExtensionKind.Mid)), new(2, ExtensionUri.Of(ExtensionKind.AbsSendTime)), new(13, ExtensionUri.Of(ExtensionKind.VideoOrientation)),
        new(3, ExtensionUri.Of(ExtensionKind.TransportCc)), new(5, ExtensionUri.Of(ExtensionKind.PlayoutDelay)), new(6, ExtensionUri.Of(ExtensionKind.VideoContentType)),
    ];

    static readonly Codec[] AudioCodecs = [new(Opus, "opus", 48_000, 2) { FormatParameters = "minptime=10;useinbandfec=1", Feedback = ["transport-cc"] }];

    static readonly Codec[] VideoCodecs =
    [
        new(Vp8, "VP8", 90_000) { Feedback = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"] },
        new(Vp8Rtx, Codec.Rtx, 90_000) { AssociatedPayloadType = Vp8 },
    ];

    int version = 1;

    /// <summary>Sections that send the sources, then as many that receive.</summary>
    public string Offer(IReadOnlyList<MediaSource> sources, SourceKind receiving, int receivers)
    {
        var count = sources.Count + receivers;
        var sdp = Begin(Enumerable.Range(0, count).Select(mid => $"{mid}"));
        for (var i = 0; i < count; i++)
        {
            var source = i < sources.Count ? sources[i] : null;
            var isVideo = source?.IsVideo ?? receiving == SourceKind.Video;
            var codecs = isVideo ? VideoCodecs : AudioCodecs;
            sdp.Media(isVideo ? "video" : "audio", 9, "UDP/TLS/RTP/SAVPF", codecs.Select(codec => $"{codec.PayloadType}"));
            WriteTransport(sdp, $"{i}", SetupRole.ActPass);
            foreach (var extension in isVideo ? VideoExtensions : AudioExtensions) sdp.Extension(extension);
            sdp.Line(source is null ? "a=recvonly" : "a=sendonly").Line("a=rtcp-mux").Line("a=rtcp-rsize");
            foreach (var codec in codecs) sdp.Codec(codec);
            if (source is null) continue;
            sdp.Msid(new Msid("load", $"track-{i}")).Source(new SsrcDescription(source.Ssrc, "load", "load", $"track-{i}"));
        }

        return sdp.ToString();
    }

    /// <summary>Takes everything that a server offers.</summary>
    public string Answer(SessionDescription offer)
    {
        var sdp = Begin(offer.Sections.Select(section => section.Mid));
        foreach (var section in offer.Sections)
        {
            sdp.Media(section.Media, 9, section.Protocol, section.Formats);
            WriteTransport(sdp, section.Mid, SetupRole.Active);
            foreach (var extension in section.Extensions) sdp.Extension(extension with { Direction = MediaDirection.SendRecv });
            sdp.Line("a=recvonly").Line("a=rtcp-mux").Line("a=rtcp-rsize");
            foreach (var codec in section.Codecs) sdp.Codec(codec);
        }

        return sdp.ToString();
    }

    SdpBuilder Begin(IEnumerable<string> mids) => new SdpBuilder().Session(4611731400430051336, version++).Bundle(mids).Line("a=msid-semantic: WMS *");

    void WriteTransport(SdpBuilder sdp, string mid, SetupRole setup) => sdp
        .Transport(local.Ufrag, local.Password, fingerprint, setup)
        .Line($"a=candidate:1 1 udp 2122260223 {Text(address)} {address.Port} typ host")
        .Line($"a=mid:{mid}");

    static IPAddress Text(NetAddress address) => address.ToIPEndPoint().Address;
}
