using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class CodecNegotiationTests
{
    [Fact]
    public void NamesInTheOfferersOrderFormatsInOursEachWithItsRtx()
    {
        var offer = ChromiumOffer.Read("sendrecv");
        var audio = CodecNegotiation.Select(offer.Sections[0], ServerCapabilities.Default);
        Assert.Equal(["111 opus", "63 red"], audio.Select(codec => $"{codec.PayloadType} {codec.Name}"));
        Assert.Equal("111/111", audio[1].FormatParameters);
        var opus = audio[0];
        Assert.Equal((new PayloadType(111), "opus", "minptime=10;useinbandfec=1"), (opus.PayloadType, opus.Name, opus.FormatParameters));
        Assert.Equal(["transport-cc"], opus.Feedback);

        var video = CodecNegotiation.Select(offer.Sections[1], ServerCapabilities.Default);
        Assert.Equal(
            ["96 VP8", "97 rtx", "108 H264", "109 rtx", "102 H264", "103 rtx", "114 H264", "115 rtx", "104 H264", "107 rtx", "116 H264", "117 rtx", "39 H264", "40 rtx",
                "45 AV1", "46 rtx", "98 VP9", "99 rtx", "100 VP9", "101 rtx"],
            video.Select(codec => $"{codec.PayloadType} {codec.Name}"));
        Assert.Equal(["ccm fir", "nack", "nack pli", "transport-cc"], video[0].Feedback);
        Assert.Equal("", video[0].FormatParameters);
        Assert.Equal("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", video[2].FormatParameters);
        Assert.Equal("level-idx=5;profile=0;tier=0", video.First(codec => codec.Name == "AV1").FormatParameters);
        Assert.Equal("profile-id=2", video.First(codec => codec.PayloadType.Value == 100).FormatParameters);
        Assert.All(video.Where(codec => codec.IsRtx), rtx => Assert.Equal(video[video.ToList().IndexOf(rtx) - 1].PayloadType, rtx.AssociatedPayloadType));
        Assert.All(video.Where(codec => codec.IsRtx), rtx => Assert.Empty(rtx.Feedback));
    }

    [Fact]
    public void TransportCcWhenToldAndRtxWhenNot()
    {
        var capabilities = ServerCapabilities.Default with { Rtx = false, Red = false, TransportCc = true };
        var offer = ChromiumOffer.Read("sendrecv");
        Assert.Equal(["transport-cc"], Assert.Single(CodecNegotiation.Select(offer.Sections[0], capabilities)).Feedback);
        var video = CodecNegotiation.Select(offer.Sections[1], capabilities);
        Assert.DoesNotContain(video, codec => codec.IsRtx);
        Assert.Equal(["ccm fir", "nack", "nack pli", "transport-cc"], video[0].Feedback);
    }

    [Fact]
    public void RembForThoseWhoOfferNothingBetter()
    {
        var offer = ChromiumOffer.Read("sendrecv");
        var video = offer.Sections[1];
        video = video with { Codecs = [.. video.Codecs.Select(codec => codec with { Feedback = [.. codec.Feedback.Where(feedback => feedback != "transport-cc")] })] };
        Assert.Equal(["ccm fir", "nack", "nack pli", "goog-remb"], CodecNegotiation.Select(video, ServerCapabilities.Default)[0].Feedback);
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
        var opus = CodecNegotiation.Select(ChromiumOffer.Accept(text).Sections[0], ServerCapabilities.Default)[0];
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
