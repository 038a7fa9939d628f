using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class ChromiumOffersTests
{
    [Fact]
    public void SendRecvIsReadWhole()
    {
        var offer = ChromiumOffer.Read("sendrecv");
        Assert.Equal(["0", "1"], offer.Bundle);
        Assert.True(offer.AllowsMixedExtensions);
        Assert.Equal(4, offer.Transport.IceUfrag.Length);
        Assert.Equal(24, offer.Transport.IcePwd.Length);
        Assert.Equal(["trickle"], offer.Transport.IceOptions);
        Assert.Equal(SetupRole.ActPass, offer.Transport.Setup);
        var fingerprint = Assert.Single(offer.Transport.Fingerprints);
        Assert.Equal(("sha-256", 32), (fingerprint.Algorithm, fingerprint.Value.Length));

        var audio = offer.Sections[0];
        Assert.Equal((0, SectionKind.Audio, "0", MediaDirection.SendRecv), (audio.Index, audio.Kind, audio.Mid, audio.Direction));
        Assert.Equal("UDP/TLS/RTP/SAVPF", audio.Protocol);
        Assert.Equal(["111", "63", "9", "0", "8", "13", "110", "126"], audio.Formats);
        Assert.Equal(8, audio.Codecs.Count);
        var opus = audio.CodecOf(new PayloadType(111));
        Assert.NotNull(opus);
        Assert.Equal(("opus", 48_000, 2), (opus.Name, opus.ClockRate, opus.Channels));
        Assert.Equal(["transport-cc"], opus.Feedback);
        Assert.Equal(("10", "1", null), (opus.Parameter("minptime"), opus.Parameter("useinbandfec"), opus.Parameter("stereo")));
        Assert.True(audio is { HasRtcpMux: true, HasReducedSizeRtcp: true });
        Assert.Equal(ExtensionKind.Mid, ExtensionUri.Parse(audio.Extensions.Single(extension => extension.Id == 4).Uri));
        var source = Assert.Single(audio.Ssrcs);
        Assert.Equal(1005541877u, source.Ssrc.Value);
        Assert.Equal(new Msid(source.StreamId, source.TrackId), audio.Msid);
        Assert.NotEmpty(source.Cname);
        Assert.NotEmpty(audio.Candidates);

        var video = offer.Sections[1];
        Assert.Equal(23, video.Codecs.Count);
        Assert.Equal("VP8", video.Codecs[0].Name);
        Assert.Equal(["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"], video.Codecs[0].Feedback);
        Assert.Equal(video.Codecs[0].PayloadType, video.Codecs[1].AssociatedPayloadType);
        Assert.Equal(2, video.Ssrcs.Count);
        var group = Assert.Single(video.SsrcGroups);
        Assert.Equal("FID", group.Semantics);
        Assert.Equal(video.Ssrcs.Select(one => one.Ssrc), group.Ssrcs);
        Assert.DoesNotContain(ExtensionKind.None, video.Extensions.Select(extension => ExtensionUri.Parse(extension.Uri)));
    }

    [Fact]
    public void DirectionsAreAsOffered()
    {
        Assert.All(ChromiumOffer.Read("sendonly").Sections, section => Assert.Equal(MediaDirection.SendOnly, section.Direction));
        Assert.All(ChromiumOffer.Read("recvonly").Sections, section =>
        {
            Assert.Equal(MediaDirection.RecvOnly, section.Direction);
            Assert.Empty(section.Ssrcs);
        });
    }

    [Fact]
    public void SimulcastRidsAreRead()
    {
        var video = ChromiumOffer.Read("simulcast").Sections[1];
        Assert.Equal(["q", "h", "f"], video.Rids.Select(rid => rid.Id));
        Assert.All(video.Rids, rid => Assert.Equal(MediaDirection.SendOnly, rid.Direction));
        Assert.NotNull(video.Simulcast);
        Assert.Equal(["q", "h", "f"], video.Simulcast.Send.Select(stream => Assert.Single(stream).Rid));
        Assert.Empty(video.Simulcast.Receive);
        Assert.Contains(video.Extensions, extension => ExtensionUri.Parse(extension.Uri) == ExtensionKind.DependencyDescriptor);
    }

    [Fact]
    public void DataChannelsHaveTheirSection()
    {
        var offer = ChromiumOffer.Read("datachannel");
        Assert.Equal(["0", "1", "2"], offer.Bundle);
        var data = offer.Sections[2];
        Assert.Equal((SectionKind.Application, "UDP/DTLS/SCTP", "2"), (data.Kind, data.Protocol, data.Mid));
        Assert.Equal(["webrtc-datachannel"], data.Formats);
    }

    [Fact]
    public void LineEndsDoNotMatter()
    {
        foreach (var name in ChromiumOffer.Names)
        {
            var text = ChromiumOffer.Text(name).ReplaceLineEndings("\n");
            Assert.Equal(ChromiumOffer.Accept(text).Sections.Count, ChromiumOffer.Accept(text.ReplaceLineEndings("\r\n")).Sections.Count);
            ChromiumOffer.Accept(text.TrimEnd());
        }
    }
}
