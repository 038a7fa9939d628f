using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class AnswerWriterTests
{
    static readonly Fingerprint Certificate = new("sha-256", new byte[32]);
    static readonly AnswerTransport Transport = new("srvu", "0123456789012345678901", Certificate, ["1 1 udp 2130706431 127.0.0.1 40000 typ host"]);

    /// <summary>What a node would answer: media it knows in both directions, data channels refused.</summary>
    static Answer AnswerTo(Offer offer) => new()
    {
        SessionId = 77,
        SessionVersion = 2,
        Transport = Transport,
        AllowsMixedExtensions = offer.AllowsMixedExtensions,
        Sections =
        [
            .. offer.Sections.Select(section =>
            {
                var codecs = CodecNegotiation.Select(section, ServerCapabilities.Default);
                if (section.IsRejected || codecs.Count == 0) return AnswerSection.Reject(section);
                var direction = MediaDirections.Answer(section.Direction, MediaDirection.SendRecv);
                return new AnswerSection
                {
                    Offered = section,
                    Direction = direction,
                    Codecs = codecs,
                    Extensions = ExtensionNegotiation.Select(section, [ExtensionUri.Of(ExtensionKind.Mid), ExtensionUri.Of(ExtensionKind.AudioLevel)]),
                    Msid = direction.Sends() ? new Msid("stream", $"track{section.Mid}") : null,
                    Ssrcs = direction.Sends() ? [new SsrcDescription(new Ssrc(1000 + (uint)section.Index), "cname", "stream", $"track{section.Mid}")] : [],
                };
            }),
        ],
    };

    [Fact]
    public void EveryChromiumOfferGetsAnAnswerThatReadsBack()
    {
        foreach (var name in ChromiumOffer.Names)
        {
            var offer = ChromiumOffer.Read(name);
            var answer = AnswerTo(offer);
            var read = TestAnswer.Read(AnswerWriter.Write(answer));

            Assert.True(read.IsIceLite);
            Assert.Equal(offer.Sections.Count, read.Sections.Count);
            var accepted = answer.Sections.Where(section => !section.IsRejected).Select(section => section.Offered.Mid);
            Assert.Equal(accepted, Assert.Single(read.BundleGroups));
            foreach (var (sent, section) in answer.Sections.Zip(read.Sections))
            {
                Assert.Equal((sent.Offered.Mid, sent.Offered.Kind, sent.Offered.Protocol), (section.Mid, section.Kind, section.Protocol));
                Assert.Equal(sent.IsRejected, section.IsRejected);
                if (sent.IsRejected) continue;
                Assert.Equal(sent.Direction, section.Direction);
                Assert.Equal(sent.Codecs.Select(codec => (codec.PayloadType, codec.Name, codec.ClockRate, codec.Channels, codec.FormatParameters)),
                    section.Codecs.Select(codec => (codec.PayloadType, codec.Name, codec.ClockRate, codec.Channels, codec.FormatParameters)));
                Assert.Equal(sent.Codecs.SelectMany(codec => codec.Feedback), section.Codecs.SelectMany(codec => codec.Feedback));
                Assert.Equal(sent.Extensions, section.Extensions);
                Assert.Equal(sent.Msid, section.Msid);
                Assert.Equal(sent.Ssrcs, section.Ssrcs);
                Assert.True(section is { HasRtcpMux: true, HasReducedSizeRtcp: true, AllowsMixedExtensions: true });
                Assert.Equal(SetupRole.Passive, section.Transport.Setup);
                Assert.Equal((Transport.IceUfrag, Transport.IcePwd), (section.Transport.IceUfrag, section.Transport.IcePwd));
                Assert.Equal([Certificate], section.Transport.Fingerprints);
            }

            Assert.Equal(Transport.Candidates, read.Sections.First(section => !section.IsRejected).Candidates);
            Assert.Equal(Transport.Candidates.Count, read.Sections.Sum(section => section.Candidates.Count));
        }
    }

    [Fact]
    public void DataChannelsAreAnsweredWithPortZero()
    {
        var text = AnswerWriter.Write(AnswerTo(ChromiumOffer.Read("datachannel")));
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", text, StringComparison.Ordinal);
        Assert.Contains("a=group:BUNDLE 0 1\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTextOfASmallAnswer()
    {
        var offer = new TestOffer("cliu", "9876543210987654321098", Certificate) { AllowsMixedExtensions = false };
        offer.Add(SectionKind.Audio, MediaDirection.RecvOnly);
        var text = AnswerWriter.Write(AnswerTo(ChromiumOffer.Accept(offer.ToSdp())));
        string[] lines =
        [
            "v=0", "o=- 77 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite", "a=group:BUNDLE 0", "a=msid-semantic: WMS *",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
            "a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host", "a=end-of-candidates",
            "a=ice-ufrag:srvu", "a=ice-pwd:0123456789012345678901", $"a=fingerprint:{Certificate}", "a=setup:passive", "a=mid:0",
            $"a=extmap:{offer.IdOf(ExtensionKind.AudioLevel)} urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            $"a=extmap:{offer.IdOf(ExtensionKind.Mid)} urn:ietf:params:rtp-hdrext:sdes:mid",
            "a=sendonly", "a=msid:stream track0", "a=rtcp-mux", "a=rtcp-rsize",
            "a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1",
            "a=ssrc:1000 cname:cname", "a=ssrc:1000 msid:stream track0", "",
        ];
        Assert.Equal(string.Join("\r\n", lines), text);
    }

    [Fact]
    public void AllRejectedHasNoGroup()
    {
        var offer = ChromiumOffer.Read("sendrecv");
        var answer = AnswerTo(offer) with { Sections = [.. offer.Sections.Select(AnswerSection.Reject)] };
        var text = AnswerWriter.Write(answer);
        Assert.DoesNotContain("a=group", text, StringComparison.Ordinal);
        Assert.All(TestAnswer.Read(text).Sections, section => Assert.True(section.IsRejected));
    }
}
