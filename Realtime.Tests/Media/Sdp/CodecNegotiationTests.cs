using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class CodecNegotiationTests
{
    [Fact]
    public void OpusAndVp8UnderTheOfferersNumbers()
    {
        var offer = ChromiumOffer.Read("sendrecv");
        var opus = Assert.Single(CodecNegotiation.Select(offer.Sections[0], ServerCapabilities.Default));
        Assert.Equal((new PayloadType(111), "opus", "minptime=10;useinbandfec=1"), (opus.PayloadType, opus.Name, opus.FormatParameters));
        Assert.Empty(opus.Feedback);
        var vp8 = Assert.Single(CodecNegotiation.Select(offer.Sections[1], ServerCapabilities.Default));
        Assert.Equal((new PayloadType(96), "VP8", ""), (vp8.PayloadType, vp8.Name, vp8.FormatParameters));
        Assert.Equal(["ccm fir", "nack pli"], vp8.Feedback);
    }

    [Fact]
    public void RtxAndTransportCcWhenTold()
    {
        var capabilities = ServerCapabilities.Default with { Rtx = true, TransportCc = true };
        var offer = ChromiumOffer.Read("sendrecv");
        Assert.Equal(["transport-cc"], Assert.Single(CodecNegotiation.Select(offer.Sections[0], capabilities)).Feedback);
        var video = CodecNegotiation.Select(offer.Sections[1], capabilities);
        Assert.Equal(["VP8", "rtx"], video.Select(codec => codec.Name));
        Assert.Equal(["ccm fir", "nack pli", "nack", "transport-cc"], video[0].Feedback);
        Assert.Equal(video[0].PayloadType, video[1].AssociatedPayloadType);
        Assert.Empty(video[1].Feedback);
    }

    [Fact]
    public void ProfilesAreToldApartByRequiredParameters()
    {
        var capabilities = new ServerCapabilities
        {
            Codecs =
            [
                new CodecCapability(SectionKind.Video, "H264", 90_000)
                {
                    Required = new Dictionary<string, string> { ["packetization-mode"] = "1", ["profile-level-id"] = "42e01f" },
                    Kept = ["level-asymmetry-allowed"],
                },
                new CodecCapability(SectionKind.Video, "vp9", 90_000) { Required = new Dictionary<string, string> { ["profile-id"] = "2" } },
                new CodecCapability(SectionKind.Video, "H266", 90_000),
            ],
        };
        var selected = CodecNegotiation.Select(ChromiumOffer.Read("sendrecv").Sections[1], capabilities);
        Assert.Equal([108, 100], selected.Select(codec => (int)codec.PayloadType.Value));
        Assert.Equal("packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1", selected[0].FormatParameters);
    }

    [Fact]
    public void NothingInCommonIsEmpty()
    {
        var offer = ChromiumOffer.Read("datachannel");
        Assert.Empty(CodecNegotiation.Select(offer.Sections[2], ServerCapabilities.Default));
        Assert.Empty(CodecNegotiation.Select(offer.Sections[0], new ServerCapabilities { Codecs = [] }));
    }

    [Fact]
    public void PayloadTypesThatLookLikeRtcpArePassedOver()
    {
        var text = ChromiumOffer.Text("sendrecv").Replace("SAVPF 111 ", "SAVPF 72 111 ").Replace("a=rtpmap:111", "a=rtpmap:72 opus/48000/2\r\na=rtpmap:111");
        var opus = Assert.Single(CodecNegotiation.Select(ChromiumOffer.Accept(text).Sections[0], ServerCapabilities.Default));
        Assert.Equal(new PayloadType(111), opus.PayloadType);
    }

    [Fact]
    public void ExtensionsKeepTheOfferersIdsAndTurnTheirDirection()
    {
        var offered = new MediaDescription
        {
            Index = 0,
            Kind = SectionKind.Audio,
            Media = "audio",
            Protocol = "UDP/TLS/RTP/SAVPF",
            Formats = ["0"],
            Port = 9,
            Extensions =
            [
                new ExtensionMapping(7, ExtensionUri.Of(ExtensionKind.Mid)),
                new ExtensionMapping(8, ExtensionUri.Of(ExtensionKind.AudioLevel), MediaDirection.SendOnly),
                new ExtensionMapping(9, ExtensionUri.Of(ExtensionKind.AbsSendTime)),
            ],
        };
        var selected = ExtensionNegotiation.Select(offered, [ExtensionUri.Of(ExtensionKind.AudioLevel), ExtensionUri.Of(ExtensionKind.Mid)]);
        Assert.Equal(
            [new ExtensionMapping(7, ExtensionUri.Of(ExtensionKind.Mid)), new ExtensionMapping(8, ExtensionUri.Of(ExtensionKind.AudioLevel), MediaDirection.RecvOnly)],
            selected);
    }

    [Theory]
    [InlineData(MediaDirection.SendRecv, MediaDirection.RecvOnly, MediaDirection.RecvOnly)]
    [InlineData(MediaDirection.SendOnly, MediaDirection.SendRecv, MediaDirection.RecvOnly)]
    [InlineData(MediaDirection.SendOnly, MediaDirection.SendOnly, MediaDirection.Inactive)]
    [InlineData(MediaDirection.RecvOnly, MediaDirection.SendRecv, MediaDirection.SendOnly)]
    [InlineData(MediaDirection.Inactive, MediaDirection.SendRecv, MediaDirection.Inactive)]
    public void DirectionsAreAnsweredWithinTheOffer(MediaDirection offered, MediaDirection wanted, MediaDirection answer) =>
        Assert.Equal(answer, MediaDirections.Answer(offered, wanted));
}
