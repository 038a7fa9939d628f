using Realtime.Media.Core;
using Realtime.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

/// <summary>Packets whose protected form is published: RFC 7714 §16–17 (session keys) and libsrtp's reference packets (master keys).</summary>
public class KnownPacketTests
{
    const string AbPayload = "ABABABABABABABABABABABABABABABAB";
    const string GcmKey = "000102030405060708090A0B0C0D0E0F";
    const string GcmSalt = "517569642070726F2071756F";

    [Fact]
    public void RFC_7714_16_1_1_RTP_with_AES_128_GCM()
    {
        using var keys = new SrtpSessionKeys(Convert.FromHexString(GcmKey), Convert.FromHexString(GcmSalt), []);
        using var sender = new SrtpSender(SrtpProfile.AeadAes128Gcm, keys);
        using var receiver = new SrtpReceiver(SrtpProfile.AeadAes128Gcm, keys);
        AssertRtp(sender, receiver, "8040F17B8041F8D35501A0B2",
            "47616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573",
            "F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE");
    }

    [Fact]
    public void RFC_7714_17_1_RTCP_with_AES_128_GCM()
    {
        using var keys = new SrtpSessionKeys(Convert.FromHexString(GcmKey), Convert.FromHexString(GcmSalt), []);
        using var sender = new SrtcpSender(SrtpProfile.AeadAes128Gcm, keys, firstIndex: 0x5D4);
        using var receiver = new SrtcpReceiver(SrtpProfile.AeadAes128Gcm, keys);
        AssertRtcp(sender, receiver,
            "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF",
            "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA45896CF4D2FC5ABF87245D9EADE800005D4");
    }

    [Fact]
    public void Reference_RTP_with_AES_CM()
    {
        using var sender = SrtpVectors.Sender(SrtpProfile.AesCm128HmacSha1_80);
        using var receiver = SrtpVectors.Receiver(SrtpProfile.AesCm128HmacSha1_80);
        AssertRtp(sender, receiver, "800F1234DECAFBADCAFEBABE", AbPayload, "4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB");
    }

    [Fact]
    public void Reference_RTCP_with_AES_CM()
    {
        using var keys = KeyDerivation.ForRtcp(SrtpProfile.AesCm128HmacSha1_80, SrtpVectors.MasterKey, SrtpVectors.MasterSalt);
        using var sender = new SrtcpSender(SrtpProfile.AesCm128HmacSha1_80, keys, firstIndex: 1);
        using var receiver = new SrtcpReceiver(SrtpProfile.AesCm128HmacSha1_80, SrtpVectors.MasterKey, SrtpVectors.MasterSalt);
        AssertRtcp(sender, receiver, "81C8000BCAFEBABE" + AbPayload, "81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798");
    }

    [Fact]
    public void Reference_RTP_and_RTCP_with_AES_GCM()
    {
        var key = Convert.FromHexString(GcmKey);
        var salt = Convert.FromHexString("A0A1A2A3A4A5A6A7A8A9AAAB");
        using var sender = new SrtpSender(SrtpProfile.AeadAes128Gcm, key, salt);
        using var receiver = new SrtpReceiver(SrtpProfile.AeadAes128Gcm, key, salt);
        AssertRtp(sender, receiver, "800F1234DECAFBADCAFEBABE", AbPayload, "C5002EDE04CFDD2EB91159E0880AA06ED2976826F796B201DF3131A127E8A392");

        using var keys = KeyDerivation.ForRtcp(SrtpProfile.AeadAes128Gcm, key, salt);
        using var rtcpSender = new SrtcpSender(SrtpProfile.AeadAes128Gcm, keys, firstIndex: 1);
        using var rtcpReceiver = new SrtcpReceiver(SrtpProfile.AeadAes128Gcm, key, salt);
        AssertRtcp(rtcpSender, rtcpReceiver, "81C8000BCAFEBABE" + AbPayload,
            "81C8000BCAFEBABEC98B8B5DF0392A55852B6C21AC8E7025C52C6FBEA2B3B446EA31123BA88CE61E80000001");
    }

    static void AssertRtp(SrtpSender sender, SrtpReceiver receiver, string header, string payload, string expected)
    {
        var packet = SrtpVectors.Protect(sender, Convert.FromHexString(header), Convert.FromHexString(payload));
        Assert.Equal(header + expected, Convert.ToHexString(packet));
        Assert.Equal(DropReason.None, receiver.Unprotect(packet, header.Length / 2, out var length));
        Assert.Equal(header + payload, Convert.ToHexString(packet.AsSpan(0, length)));
    }

    static void AssertRtcp(SrtcpSender sender, SrtcpReceiver receiver, string packet, string expected)
    {
        var buffer = new byte[(packet.Length / 2) + sender.Overhead];
        Assert.Equal(DropReason.None, sender.Protect(Convert.FromHexString(packet), buffer, out var length));
        Assert.Equal(expected, Convert.ToHexString(buffer.AsSpan(0, length)));
        Assert.Equal(DropReason.None, receiver.Unprotect(buffer, out length));
        Assert.Equal(packet, Convert.ToHexString(buffer.AsSpan(0, length)));
    }
}
