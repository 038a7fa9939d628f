using Realtime.Media.Core;
using Realtime.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

/// <summary>Keys, headers and packets shared by the tests here.</summary>
static class SrtpVectors
{
    /// <summary>RFC 3711 appendix B.3.</summary>
    public static readonly byte[] MasterKey = Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139");
    public static readonly byte[] MasterSalt = Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6");

    public static readonly SrtpProfile[] Profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1_80];

    public static byte[] SaltFor(SrtpProfile profile) => MasterSalt[..profile.SaltLength()];

    public static SrtpSender Sender(SrtpProfile profile) => new(profile, MasterKey, SaltFor(profile));

    public static SrtpReceiver Receiver(SrtpProfile profile) => new(profile, MasterKey, SaltFor(profile));

    public static byte[] Header(ushort sequence, uint ssrc = 0xCAFEBABE)
    {
        byte[] header = [0x80, 96, (byte)(sequence >> 8), (byte)sequence, 1, 2, 3, 4, (byte)(ssrc >> 24), (byte)(ssrc >> 16), (byte)(ssrc >> 8), (byte)ssrc];
        return header;
    }

    public static byte[] Payload(int length)
    {
        var payload = new byte[length];
        for (var i = 0; i < length; i++) payload[i] = (byte)i;
        return payload;
    }

    public static byte[] Protect(SrtpSender sender, byte[] header, byte[] payload)
    {
        var packet = new byte[header.Length + payload.Length + sender.Overhead];
        Assert.Equal(DropReason.None, sender.Protect(header, payload, packet, out var length));
        Assert.Equal(packet.Length, length);
        return packet;
    }
}
