using Realtime.Media.Core;
using Realtime.Media.Srtp;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

public class SrtpTests
{
    public static TheoryData<SrtpProfile> Profiles => new(SrtpVectors.Profiles);

    [Theory, MemberData(nameof(Profiles))]
    public void In_place_and_out_of_place_give_the_same_bytes(SrtpProfile profile)
    {
        using var first = SrtpVectors.Sender(profile);
        using var second = SrtpVectors.Sender(profile);
        var header = SrtpVectors.Header(7);
        var payload = SrtpVectors.Payload(100);
        var expected = SrtpVectors.Protect(first, header, payload);

        byte[] buffer = [.. header, .. payload, .. new byte[second.Overhead]];
        Assert.Equal(DropReason.None, second.Protect(buffer.AsSpan(0, 12), buffer.AsSpan(12, 100), buffer, out _));
        Assert.Equal(expected, buffer);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Empty_payloads_and_extended_headers_pass(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        byte[] header = [.. SrtpVectors.Header(1), .. SrtpVectors.Payload(20)];
        var packet = SrtpVectors.Protect(sender, header, []);
        Assert.Equal(header, packet[..header.Length]);
        Assert.Equal(DropReason.None, receiver.Unprotect(packet, header.Length, out var length));
        Assert.Equal(header.Length, length);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_flipped_bit_anywhere_fails_and_leaves_the_state_as_it_was(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        Open(receiver, SrtpVectors.Protect(sender, SrtpVectors.Header(10), SrtpVectors.Payload(30)), DropReason.None);
        var packet = SrtpVectors.Protect(sender, SrtpVectors.Header(11), SrtpVectors.Payload(30));
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var forged = packet.ToArray();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            var reason = receiver.Unprotect(forged, 12, out var length);
            Assert.True(reason is DropReason.BadAuthTag or DropReason.Replayed, $"bit {bit}: {reason}");
            Assert.Equal(0, length);
        }

        Open(receiver, packet, DropReason.None);
        Open(receiver, packet, DropReason.Replayed);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Forged_packets_of_new_SSRCs_take_no_room(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        for (uint ssrc = 0; ssrc < 5000; ssrc++)
            Assert.Equal(DropReason.BadAuthTag, receiver.Unprotect([.. SrtpVectors.Header(1, ssrc), .. SrtpVectors.Payload(40)], 12, out _));
        Open(receiver, SrtpVectors.Protect(sender, SrtpVectors.Header(1), SrtpVectors.Payload(10)), DropReason.None);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void SSRCs_are_bounded(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        for (uint ssrc = 0; ssrc < SsrcTable<StreamIndices>.MaxStreams; ssrc++)
            Open(receiver, SrtpVectors.Protect(sender, SrtpVectors.Header(1, ssrc * 31), SrtpVectors.Payload(10)), DropReason.None);
        var oneMore = new byte[100];
        Assert.Equal(DropReason.OverQuota, sender.Protect(SrtpVectors.Header(1, 7), default, oneMore, out _));

        using var other = SrtpVectors.Sender(profile);
        Open(receiver, SrtpVectors.Protect(other, SrtpVectors.Header(1, 7), SrtpVectors.Payload(10)), DropReason.OverQuota);
        Open(receiver, SrtpVectors.Protect(other, SrtpVectors.Header(2, 31), SrtpVectors.Payload(10)), DropReason.None);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Streams_go_on_over_many_wraps_with_loss_and_reordering(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        var random = new Entropy(5);
        var held = new Queue<byte[]>();
        var opened = 0;
        for (var i = 65_000; i < 200_000; i += 1 + random.NextInt32(50))
        {
            held.Enqueue(SrtpVectors.Protect(sender, SrtpVectors.Header((ushort)i), SrtpVectors.Payload(20)));
            if (held.Count < 5) continue;
            if (random.NextInt32(2) == 0) held.Enqueue(held.Dequeue());
            Open(receiver, held.Dequeue(), DropReason.None);
            opened++;
        }

        Assert.InRange(opened, 5000, 6000);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_nonce_is_never_used_twice(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        var buffer = new byte[100];
        SrtpVectors.Protect(sender, SrtpVectors.Header(5), SrtpVectors.Payload(10));
        Assert.Equal(DropReason.Replayed, sender.Protect(SrtpVectors.Header(5), SrtpVectors.Payload(11), buffer, out _));
        SrtpVectors.Protect(sender, SrtpVectors.Header(5, 99), SrtpVectors.Payload(10));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Another_key_opens_nothing(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        var key = SrtpVectors.MasterKey.ToArray();
        key[0] ^= 1;
        using var receiver = new SrtpReceiver(profile, key, SrtpVectors.SaltFor(profile));
        Open(receiver, SrtpVectors.Protect(sender, SrtpVectors.Header(5), SrtpVectors.Payload(10)), DropReason.BadAuthTag);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Packets_too_short_for_header_and_tag_are_dropped(SrtpProfile profile)
    {
        using var receiver = SrtpVectors.Receiver(profile);
        for (var length = 0; length < 12 + profile.TagLength(); length++)
            Assert.Equal(DropReason.TooShort, receiver.Unprotect(new byte[length], 12, out _));
        Assert.Equal(DropReason.TooShort, receiver.Unprotect(new byte[60], 60, out _));
        Assert.Equal(DropReason.TooShort, receiver.Unprotect(new byte[60], 4, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Protecting_and_opening_allocate_nothing(SrtpProfile profile)
    {
        using var sender = SrtpVectors.Sender(profile);
        using var receiver = SrtpVectors.Receiver(profile);
        var header = SrtpVectors.Header(0);
        var payload = SrtpVectors.Payload(1100);
        var packet = new byte[1200];
        var number = 0;
        var failed = 0;
        void Exchange()
        {
            for (var end = number + 500; number < end; number++)
            {
                header[2] = (byte)(number >> 8);
                header[3] = (byte)number;
                if (sender.Protect(header, payload, packet, out var length) != DropReason.None
                    || receiver.Unprotect(packet.AsSpan(0, length), 12, out _) != DropReason.None) failed++;
            }
        }

        Exchange();
        Assert.Equal(0, Allocation.Of(Exchange));
        Assert.Equal(0, failed);
    }

    [Fact]
    public void After_Dispose_nothing_is_touched()
    {
        var sender = SrtpVectors.Sender(SrtpProfile.AeadAes128Gcm);
        sender.Dispose();
        sender.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sender.Protect(SrtpVectors.Header(1), SrtpVectors.Payload(4), new byte[100], out _));
    }

    static void Open(SrtpReceiver receiver, byte[] packet, DropReason expected) =>
        Assert.Equal(expected, receiver.Unprotect(packet.ToArray(), 12, out _));
}
