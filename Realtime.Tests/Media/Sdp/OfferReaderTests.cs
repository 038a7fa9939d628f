using FsCheck.Fluent;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class OfferReaderTests
{
    static string Good() => ChromiumOffer.Text("sendrecv").ReplaceLineEndings("\n");

    /// <summary>One edit of a good offer, and what must be said about it.</summary>
    [Theory]
    [InlineData("v=0", "v=1", NegotiationErrorCode.BadLine, "v=", null)]
    [InlineData("v=0\n", "", NegotiationErrorCode.BadLine, "v=", null)]
    [InlineData("a=group:BUNDLE 0 1\n", "", NegotiationErrorCode.Bundle, "a=group:BUNDLE", null)]
    [InlineData("a=group:BUNDLE 0 1", "a=group:BUNDLE 0", NegotiationErrorCode.Bundle, "a=group:BUNDLE", 1)]
    [InlineData("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2", NegotiationErrorCode.Bundle, "a=group:BUNDLE", null)]
    [InlineData("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 1", NegotiationErrorCode.Duplicate, "a=group:BUNDLE", null)]
    [InlineData("a=group:BUNDLE 0 1", "a=group:BUNDLE 0\na=group:BUNDLE 1", NegotiationErrorCode.Bundle, "a=group:BUNDLE", null)]
    [InlineData("a=mid:1\n", "", NegotiationErrorCode.Missing, "a=mid", 1)]
    [InlineData("a=mid:1\n", "a=mid:0\n", NegotiationErrorCode.Duplicate, "a=mid", 1)]
    [InlineData("a=mid:1\n", "a=mid:1\na=mid:2\n", NegotiationErrorCode.BadValue, "a=mid", 1)]
    [InlineData("a=mid:1\n", "a=mid:012345678901234567890123456789012\n", NegotiationErrorCode.BadValue, "a=mid", 1)]
    [InlineData("a=rtcp-mux\n", "", NegotiationErrorCode.Missing, "a=rtcp-mux", 0)]
    [InlineData("a=setup:actpass\n", "", NegotiationErrorCode.Missing, "a=setup", 0)]
    [InlineData("a=setup:actpass", "a=setup:passive", NegotiationErrorCode.Unsupported, "a=setup", 0)]
    [InlineData("a=setup:actpass", "a=setup:loud", NegotiationErrorCode.BadValue, "a=setup", 0)]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1", NegotiationErrorCode.Missing, "a=fingerprint", 0)]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-512", NegotiationErrorCode.BadValue, "a=fingerprint", 0)]
    [InlineData("a=ice-options:", "a=ice-ufrag:abc\na=ice-options:", NegotiationErrorCode.BadValue, "a=ice-ufrag", 0)]
    [InlineData("a=ice-options:", "a=ice-pwd:short\na=ice-options:", NegotiationErrorCode.BadValue, "a=ice-pwd", 0)]
    [InlineData("UDP/TLS/RTP/SAVPF 111", "RTP/AVP 111", NegotiationErrorCode.Unsupported, "m=", 0)]
    [InlineData("m=audio ", "m=audio x", NegotiationErrorCode.BadValue, "m=", 0)]
    [InlineData("SAVPF 111", "SAVPF 311", NegotiationErrorCode.BadValue, "m=", 0)]
    [InlineData("SAVPF 111", "SAVPF 111 111", NegotiationErrorCode.BadValue, "m=", 0)]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus", NegotiationErrorCode.BadValue, "a=rtpmap", 0)]
    [InlineData("a=rtpmap:111 opus/48000/2", "a=rtpmap:63 opus/48000/2", NegotiationErrorCode.BadValue, "a=rtpmap", 0)]
    [InlineData("a=rtcp-fb:111 ", "a=rtcp-fb:x ", NegotiationErrorCode.BadValue, "a=rtcp-fb", 0)]
    [InlineData("a=extmap:14 urn:ietf", "a=extmap:2 urn:ietf", NegotiationErrorCode.ExtensionConflict, "a=extmap", 1)]
    [InlineData("a=extmap:1 urn", "a=extmap:0 urn", NegotiationErrorCode.BadValue, "a=extmap", 0)]
    [InlineData("a=extmap:1 urn", "a=extmap:1/up urn", NegotiationErrorCode.BadValue, "a=extmap", 0)]
    [InlineData("a=ssrc-group:FID ", "a=ssrc-group:FID x ", NegotiationErrorCode.BadValue, "a=ssrc-group", 1)]
    [InlineData("t=0 0\n", "t=0 0\nnonsense\n", NegotiationErrorCode.BadLine, "sdp", null)]
    public void OneFaultIsNamed(string find, string replacement, NegotiationErrorCode code, string field, int? section)
    {
        var text = Good();
        var at = text.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0, find);
        var error = ChromiumOffer.Refuse(text[..at] + replacement + text[(at + find.Length)..]);
        Assert.Equal((code, field, section), (error.Code, error.Field, error.Section));
        Assert.NotEmpty(error.Message);
        if (code is NegotiationErrorCode.BadLine or NegotiationErrorCode.BadValue) Assert.NotEqual(0, error.Line);
    }

    [Fact]
    public void LinesAreCountedFromOne()
    {
        var error = ChromiumOffer.Refuse("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n\r\nm=audio\r\n");
        Assert.Equal((4, 0), (error.Line, error.Section));
        Assert.Contains("line 4", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EverythingHasALimit()
    {
        var text = Good();
        Assert.Equal(NegotiationErrorCode.TooLarge, ChromiumOffer.Refuse(text, new SdpLimits { Length = text.Length - 1 }).Code);
        Assert.Equal(NegotiationErrorCode.TooLarge, ChromiumOffer.Refuse(text, new SdpLimits { Lines = 50 }).Code);
        Assert.Equal(NegotiationErrorCode.TooLarge, ChromiumOffer.Refuse(text, new SdpLimits { Sections = 1 }).Code);
        Assert.Equal(NegotiationErrorCode.TooLarge, ChromiumOffer.Refuse(text, new SdpLimits { ItemsPerSection = 5 }).Code);
        Assert.Equal(NegotiationErrorCode.TooLarge, ChromiumOffer.Refuse(new string('a', 300_000)).Code);
        Assert.Equal(NegotiationErrorCode.Missing, ChromiumOffer.Refuse("v=0\r\n").Code);
        Assert.Equal(NegotiationErrorCode.Missing, ChromiumOffer.Refuse("").Code);
    }

    [Fact]
    public void RejectedSectionsKeepTheirPlaceAndAreAskedNothing()
    {
        var text = Good()[..Good().IndexOf("m=video", StringComparison.Ordinal)].Replace("BUNDLE 0 1", "BUNDLE 0")
            + "m=video 0 UDP/TLS/RTP/SAVPF 96\na=inactive\nm=audio 0 UDP/TLS/RTP/SAVPF 0\n";
        var offer = ChromiumOffer.Accept(text);
        Assert.Equal([false, true, true], offer.Sections.Select(section => section.IsRejected));
        Assert.Equal("PCMU", Assert.Single(offer.Sections[2].Codecs).Name);
    }

    [Fact]
    public void BundleOnlyIsNotRejection()
    {
        var text = Good();
        var video = text.IndexOf("m=video ", StringComparison.Ordinal);
        var end = text.IndexOf(" UDP", video, StringComparison.Ordinal);
        text = text[..video] + "m=video 0" + text[end..] + "a=bundle-only\n";
        Assert.False(ChromiumOffer.Accept(text).Sections[1].IsRejected);
    }

    [Fact]
    public void TheSessionStandsInForItsSections()
    {
        var offer = ChromiumOffer.Accept(string.Join("\r\n",
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE a",
            "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901", $"a=fingerprint:SHA-256 {Hex(32)}", "a=fingerprint:sha-1 00", "a=setup:active",
            "a=sendonly", "a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap-allow-mixed",
            "m=audio 9 UDP/TLS/RTP/SAVPF 8", "a=mid:a", "a=rtcp-mux", "a=extmap:15 urn:a", "a=extmap:4100 urn:b", "a=extmap:2 urn:ietf:params:rtp-hdrext:encrypt urn:c", ""));
        var section = Assert.Single(offer.Sections);
        Assert.Equal(MediaDirection.SendOnly, section.Direction);
        Assert.Equal(new ExtensionMapping(1, "urn:ietf:params:rtp-hdrext:sdes:mid", MediaDirection.RecvOnly), Assert.Single(section.Extensions));
        Assert.True(section.AllowsMixedExtensions);
        Assert.Equal(("abcd", SetupRole.Active), (offer.Transport.IceUfrag, offer.Transport.Setup));
        Assert.Equal($"sha-256 {Hex(32)}", Assert.Single(offer.Transport.Fingerprints).ToString());
        Assert.Equal("PCMA", Assert.Single(section.Codecs).Name);
    }

    [Theory]
    [InlineData("sha-384", 48)]
    [InlineData("sha-512", 64)]
    public void LongerFingerprintsAreTaken(string algorithm, int length)
    {
        Assert.True(Fingerprint.TryParse($"{algorithm} {Hex(length)}", out var fingerprint));
        Assert.Equal($"{algorithm} {Hex(length)}", fingerprint.ToString());
        Assert.False(Fingerprint.TryParse($"{algorithm} {Hex(length - 1)}", out _));
        Assert.False(Fingerprint.TryParse($"{algorithm} {Hex(length).Replace(':', '-')}", out _));
        Assert.False(Fingerprint.TryParse($"{algorithm} {Hex(length).Replace('0', 'g')}", out _));
    }

    [Fact]
    public void SimulcastWithAlternativesAndPauses()
    {
        var text = Good() + "a=rid:1 send pt=96,97;max-width=640\na=rid:2 recv\na=simulcast:recv 2 send 1,~a;~b\n";
        var video = ChromiumOffer.Accept(text).Sections[1];
        Assert.Equal(["max-width=640"], video.Rids[0].Restrictions);
        Assert.Equal([96, 97], video.Rids[0].PayloadTypes.Select(type => (int)type.Value));
        Assert.NotNull(video.Simulcast);
        Assert.Equal([new SimulcastEncoding("1", false), new SimulcastEncoding("a", true)], video.Simulcast.Send[0]);
        Assert.Equal([new SimulcastEncoding("b", true)], video.Simulcast.Send[1]);
        Assert.Equal([new SimulcastEncoding("2", false)], video.Simulcast.Receive[0]);
        foreach (var bad in (string[])["", "send", "send ;", "up 1", "send 1 send 2", "send ~", "recv a b"])
        {
            Assert.Equal("a=simulcast", ChromiumOffer.Refuse(Good() + $"a=simulcast:{bad}\n").Field);
        }
    }

    /// <summary>Lines of real offers dropped, doubled, moved and damaged: read or refused, never thrown.</summary>
    [Fact]
    public void DamagedOffersNeverThrow()
    {
        string[] all = [.. ChromiumOffer.Names.SelectMany(name => ChromiumOffer.Text(name).Split("\r\n"))];
        var line = Gen.Frequency(
            (8, Gen.Elements(all)),
            (1, Gen.Elements(all).SelectMany(text => Gen.Choose(0, text.Length).Select(length => text[..length]))),
            (1, Gen.Elements(all).SelectMany(text => Gen.Choose(0, Math.Max(0, text.Length - 1)).SelectMany(at => Gen.Choose(0, 0x3000).Select(c => Damage(text, at, (char)c))))));
        RandomInput.Check(Gen.Choose(0, 60).SelectMany(count => line.ArrayOf(count)), lines => Read($"v=0\n{string.Join('\n', lines)}"));

        var whole = Gen.Elements(ChromiumOffer.Names).Select(ChromiumOffer.Text).SelectMany(text =>
            Gen.Choose(0, text.Length - 1).SelectMany(at => Gen.Choose(0, 127).Select(c => Damage(text, at, (char)c))));
        RandomInput.Check(whole, Read);

        static void Read(string sdp)
        {
            if (OfferReader.TryRead(sdp, out var offer, out var error))
            {
                Assert.Null(error);
                foreach (var section in offer.Sections) CodecNegotiation.Select(section, ServerCapabilities.Default);
            }
            else
            {
                Assert.Null(offer);
                Assert.NotEmpty(error.ToString());
            }
        }
    }

    static string Damage(string text, int at, char c) => text.Length == 0 ? c.ToString() : $"{text[..at]}{c}{text[(at + 1)..]}";

    static string Hex(int length) => string.Join(':', Enumerable.Range(0, length).Select(i => i.ToString("X2")));
}
