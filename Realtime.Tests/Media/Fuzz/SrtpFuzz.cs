using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Srtp;
using Realtime.Tests.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>What opens is what was sealed, each packet once; a stranger's packet leaves no trace.</summary>
public sealed class SrtpFuzz
{
    public static TheoryData<SrtpProfile> Profiles => new(SrtpVectors.Profiles);

    [Theory, MemberData(nameof(Profiles))]
    public void Rtp(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        var sealedPackets = Enumerable.Range(1, 40).Select(n => SrtpVectors.Protect(sender, SrtpVectors.Header((ushort)n, (uint)(n % 3) + 1), SrtpVectors.Payload(n * 5))).ToList();
        Run($"srtp {profile}", sealedPackets, input =>
            receiver.Unprotect(input, RtpHeader.TryReadProtected(input, out var header) ? header.HeaderLength : input.Length / 2, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Rtcp(SrtpProfile profile)
    {
        using var sender = new SrtcpSender(profile, SrtpVectors.MasterKey, SrtpVectors.SaltFor(profile));
        using var receiver = new SrtcpReceiver(profile, SrtpVectors.MasterKey, SrtpVectors.SaltFor(profile));
        var sealedPackets = Enumerable.Range(0, 40).Select(n =>
        {
            byte[] report = [0x81, 201, 0, 7, 0, 0, 0, (byte)(n % 3), .. SrtpVectors.Payload(24)];
            var packet = new byte[report.Length + sender.Overhead];
            sender.Protect(report, packet, out var length);
            return packet[..length];
        }).ToList();
        Run($"srtcp {profile}", sealedPackets, input => receiver.Unprotect(input, out _));
    }

    static void Run(string name, List<byte[]> sealedPackets, Func<byte[], DropReason> open)
    {
        var waiting = sealedPackets.Select(Convert.ToHexString).ToHashSet();
        var kept = new byte[2048];
        new Fuzzer(name, 20_000, sealedPackets).Run(input =>
        {
            input.CopyTo(kept, 0);
            if (open(input) != DropReason.None) return;
            Promise.Holds(waiting.Remove(Convert.ToHexString(kept.AsSpan(0, input.Length))), "only what was sealed opens, and once");
        });
        Assert.Empty(waiting);
    }
}
