using Realtime.Media.Core;
using Realtime.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

public class SrtcpTests
{
    static readonly byte[] Report = Convert.FromHexString("81C9000711223344AABBCCDD0000000000001234000000000000000000000000");

    public static TheoryData<SrtpProfile> Profiles => new(SrtpVectors.Profiles);

    [Theory, MemberData(nameof(Profiles))]
    public void Round_trip_in_place_with_rising_indices(SrtpProfile profile)
    {
        using var sender = Sender(profile);
        using var receiver = Receiver(profile);
        for (var i = 0; i < 300; i++)
        {
            byte[] buffer = [.. Report, .. new byte[sender.Overhead]];
            Assert.Equal(DropReason.None, sender.Protect(buffer.AsSpan(0, Report.Length), buffer, out var length));
            Assert.Equal(DropReason.None, receiver.Unprotect(buffer.AsSpan(0, length), out length));
            Assert.Equal(Report, buffer[..length]);
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_flipped_bit_anywhere_fails_and_a_replay_is_seen(SrtpProfile profile)
    {
        using var sender = Sender(profile);
        using var receiver = Receiver(profile);
        var packet = new byte[Report.Length + sender.Overhead];
        sender.Protect(Report, packet, out _);
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var forged = packet.ToArray();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(DropReason.None, receiver.Unprotect(forged, out _));
        }

        Assert.Equal(DropReason.None, receiver.Unprotect(packet.ToArray(), out _));
        Assert.Equal(DropReason.Replayed, receiver.Unprotect(packet.ToArray(), out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void The_key_ends_after_2_to_the_31_packets(SrtpProfile profile)
    {
        using var keys = KeyDerivation.ForRtcp(profile, SrtpVectors.MasterKey, SrtpVectors.SaltFor(profile));
        using var sender = new SrtcpSender(profile, keys, firstIndex: 0x7FFF_FFFF);
        var packet = new byte[Report.Length + sender.Overhead];
        Assert.Equal(DropReason.None, sender.Protect(Report, packet, out _));
        Assert.Equal(DropReason.OverQuota, sender.Protect(Report, packet, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Random_bytes_never_pass_nor_throw(SrtpProfile profile)
    {
        const ulong seed = 20_26;
        var random = new Entropy(seed);
        using var receiver = Receiver(profile);
        using var rtp = SrtpVectors.Receiver(profile);
        for (var i = 0; i < 5000; i++)
        {
            var bytes = new byte[random.NextInt32(120)];
            random.Fill(bytes);
            Assert.True(receiver.Unprotect(bytes, out _) != DropReason.None, $"seed {seed}, packet {i}");
            Assert.True(rtp.Unprotect(bytes, random.NextInt32(140), out _) != DropReason.None, $"seed {seed}, packet {i}");
        }
    }

    static SrtcpSender Sender(SrtpProfile profile) => new(profile, SrtpVectors.MasterKey, SrtpVectors.SaltFor(profile));

    static SrtcpReceiver Receiver(SrtpProfile profile) => new(profile, SrtpVectors.MasterKey, SrtpVectors.SaltFor(profile));
}
