using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Isolation;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Fuzz;
using Realtime.Tests.Media.Harness;
using Realtime.Tests.Media.Isolation;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>Floods against the quotas of design §4, each beside a call of four that must not notice.</summary>
public sealed class Floods
{
    [Fact]
    public void Half_open_handshakes_are_bounded_and_only_the_oldest_give_way()
    {
        const int bound = 50;
        using var call = new HostileCall(seed: 90, new MediaQuotas { HalfOpenHandshakes = bound });
        var node = call.Node;
        node.OffersWhenTold = false;
        for (var i = 0; i < 200; i++) Silent(node, $"flood-{i}");
        Assert.Equal(150, node.Counters.HandshakesEvicted);
        Assert.Equal(4 + bound, node.Counters.Peers);
        Assert.Equal(Enumerable.Range(0, 150).Select(i => $"flood-{i}"), node.Told<PeerLeftEvent>().Select(left => left.Participant));
        // The rest of them is given up for want of a first check.
        node.Run(TimeSpan.FromSeconds(40));
        Assert.Equal(4, node.Counters.Peers);
        call.AssertUnharmed();
    }

    [Fact]
    public void Handshakes_that_are_done_do_not_count_while_an_older_one_is_under_way()
    {
        using var node = new VirtualNode(seed: 91, quotas: new MediaQuotas { HalfOpenHandshakes = 3 }) { OffersWhenTold = false };
        Silent(node, "slow");
        for (var i = 0; i < 10; i++)
        {
            var peer = node.JoinPublishing($"quick-{i}");
            Assert.True(node.RunUntil(() => peer.IsConnected, TimeSpan.FromSeconds(1)));
            node.Run(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(0, node.Counters.HandshakesEvicted);
        Assert.Empty(node.Told<PeerLeftEvent>("slow"));
    }

    [Fact]
    public void Forged_checks_that_name_a_members_ufrag_are_not_its_doing()
    {
        using var call = new HostileCall(seed: 92);
        var node = call.Node;
        var forged = ForgedCheck.For(call.Peers[0].Answer!.Sections[0].Transport.IceUfrag);
        var outbox = new Outbox();
        var addresses = node.Worker.Addresses;
        for (var i = 0; i < 60_000; i++)
        {
            outbox.Clear();
            node.Worker.Receive(node.Now, NetAddress.FromIPv4(0x0B000000 + (uint)(i % 20_000), 4000), [.. forged], outbox);
            Assert.True(outbox.UsedBytes <= forged.Length);
            if (i % 100 == 0) node.Run(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(60_000, node.Counters.Drops[DropReason.BadIntegrity]);
        Assert.Equal(addresses, node.Worker.Addresses);
        call.AssertUnharmed();
    }

    [Fact]
    public void Keepalives_prove_nothing_and_are_charged_to_nobody()
    {
        using var call = new HostileCall(seed: 93);
        var node = call.Node;
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Indication, new byte[StunMessage.TransactionIdSize]);
        writer.Bytes(StunAttribute.Username, System.Text.Encoding.ASCII.GetBytes($"{call.Peers[0].Answer!.Sections[0].Transport.IceUfrag}:x"));
        var indication = buffer[..writer.Finish(default)];
        for (var i = 0; i < 60_000; i++)
        {
            node.Inject(NetAddress.FromIPv4(0x0B000001, 4000), [.. indication]);
            if (i % 100 == 0) node.Run(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(0, node.Counters.Drops[DropReason.OverQuota]);
        call.AssertUnharmed();
    }

    /// <summary>Once more, from the same address, twenty times each; and noise that looks like media.</summary>
    [Fact]
    public void Replayed_and_forged_media_in_a_members_name_is_counted_and_not_its_doing()
    {
        using var call = new HostileCall(seed: 94);
        var node = call.Node;
        var (sent, doubled) = (0, 0);
        var media = call.Recorded.Where(flight => flight.From == call.Peers[0].Address && flight.Datagram[0] >= 128).ToList();
        Assert.NotEmpty(media);
        for (var round = 0; sent < 60_000; round++)
        {
            foreach (var flight in media)
            {
                node.Inject(flight.From, [.. flight.Datagram]);
                byte[] noise = [.. flight.Datagram];
                noise[^1] ^= 1;
                node.Inject(flight.From, noise);
                sent += 2;
            }

            node.Run(TimeSpan.FromMilliseconds(10));
        }

        foreach (var peer in call.Peers)
        {
            foreach (var track in peer.Tracks) doubled += track.Packets.Count - track.Packets.DistinctBy(packet => (packet.Source, packet.Number)).Count();
        }

        Assert.Equal(0, doubled);
        Assert.True(node.Counters.Drops[DropReason.Replayed] + node.Counters.Drops[DropReason.BadAuthTag] >= sent - media.Count);
        Assert.Equal(0, node.Counters.Drops[DropReason.OverQuota]);
        call.AssertUnharmed();
    }

    [Fact]
    public void A_member_cannot_take_anothers_path_by_checks_in_its_name()
    {
        using var call = new HostileCall(seed: 95);
        var node = call.Node;
        var mallory = node.JoinPublishing("mallory");
        node.Run(TimeSpan.FromSeconds(1));
        var checks = new List<byte[]>();
        node.Link.Tap = flight =>
        {
            if (flight.From == mallory.Address && flight.Datagram[0] < 4) checks.Add(flight.Datagram);
        };
        for (var ms = 0; ms < 5000; ms += 10)
        {
            foreach (var victim in call.Peers.Where(_ => checks.Count > 0)) node.Worker.Receive(node.Now, victim.Address, [.. checks[^1]], new Outbox(1 << 12, 16));
            node.Run(TimeSpan.FromMilliseconds(10));
        }

        Assert.NotEmpty(checks);
        call.AssertUnharmed();
    }

    /// <summary>Each element of one byte takes another one in the two-byte form: more than the room that a header is given to grow.</summary>
    [Fact]
    public void A_header_that_grows_beyond_its_room_is_dropped_and_no_subscriber_pays_for_it()
    {
        using var call = new HostileCall(seed: 96);
        var node = call.Node;
        var mallory = node.JoinPublishing("mallory");
        node.Run(TimeSpan.FromSeconds(1));
        var camera = mallory.Sources[1];
        camera.IsRunning = false;
        var dropped = node.Counters.Drops[DropReason.Malformed];
        for (var elements = 20; elements < 400; elements += 10)
        {
            var packet = new byte[12 + 4 + (2 * elements) + 60];
            new RtpHeaderFields(true, camera.Codec.PayloadType, new((ushort)elements), camera.Timestamp, camera.Ssrc).TryWrite(packet);
            packet[0] |= 0x10;
            (packet[12], packet[13]) = (0xBE, 0xDE);
            (packet[14], packet[15]) = ((byte)(elements / 2 >> 8), (byte)(elements / 2));
            for (var i = 0; i < elements; i++) packet[16 + (2 * i)] = (byte)(mallory.Offer.IdOf(ExtensionKind.VideoContentType) << 4);
            TestPayloads.Write(camera.Codec, packet.AsSpan(16 + (2 * elements)), isKey: true, isFirst: true, 1, 1);
            node.Act(mallory, outbox => Assert.True(mallory.SendRtp(packet, outbox)));
            node.Run(TimeSpan.FromMilliseconds(20));
        }

        Assert.True(node.Counters.Drops[DropReason.Malformed] > dropped);
        call.AssertUnharmed();
    }

    [Fact]
    public void Giant_offers_are_refused_by_their_size()
    {
        using var call = new HostileCall(seed: 97);
        var node = call.Node;
        node.Join("mallory");
        var good = call.Peers[0].Offer.ToSdp();
        foreach (var sdp in new[]
        {
            good + new string('a', SdpLimits.Default.Length), good + string.Concat(Enumerable.Repeat("a=x\r\n", SdpLimits.Default.Lines)),
            good + string.Concat(Enumerable.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", SdpLimits.Default.Sections)),
            good + string.Concat(Enumerable.Range(0, 2 * SdpLimits.Default.ItemsPerSection).Select(i => $"a=ssrc:{i} cname:x\r\n")),
        })
        {
            var command = new NegotiatePeerCommand("n", VirtualNode.Room, VirtualNode.Epoch, "mallory", sdp);
            WorkerReply<NegotiatePeerResult> reply = default!;
            // No more is made of it than its lines, however long it is.
            Assert.True(Allocation.Of(() => reply = node.Worker.Negotiate(node.Now, command, new Outbox(1 << 12, 16))) <= 4 << 20);
            Assert.Equal(ErrorCode.TooLarge, reply.Error!.Code);
        }

        call.AssertUnharmed();
    }

    [Fact]
    public void A_stray_tcp_connection_is_to_be_closed_once_whatever_it_sends()
    {
        using var call = new HostileCall(seed: 98);
        var node = call.Node;
        var stray = NetAddress.FromIPv4(0x0B000001, 4000) with { Connection = 7 };
        for (var i = 0; i < 20_000; i++) node.Inject(stray, [1]);
        Assert.True(node.Worker.TryTakeOrphan(out var orphan));
        Assert.Equal(stray, orphan);
        Assert.False(node.Worker.TryTakeOrphan(out _));
        node.Inject(stray, [1]);
        Assert.True(node.Worker.TryTakeOrphan(out _));
        call.AssertUnharmed();
    }

    /// <summary>Joins and offers, and is never heard of again.</summary>
    static void Silent(VirtualNode node, string id)
    {
        node.Join(id);
        Assert.True(Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {DtlsFingerprint.Of("any"u8)}", out var fingerprint));
        var offer = new TestOffer("abcd", "abcdefghijklmnopqrstuvwx", fingerprint);
        offer.Add(SectionKind.Audio, MediaDirection.RecvOnly);
        var command = new NegotiatePeerCommand($"silent-{id}", VirtualNode.Room, VirtualNode.Epoch, id, offer.ToSdp());
        Assert.Null(node.Worker.Negotiate(node.Now, command, new Outbox(1 << 14, 64)).Error);
    }
}
