using System.Text;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Harness;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>The whole worker under fire while a call goes on: from strangers, in the name of its members, and by a member of its room.</summary>
public sealed class WorkerFuzz
{
    const int PerPause = 40;

    /// <summary>Timers of peers and rooms may grow lists a little; what a datagram leaves behind would be far more.</summary>
    const long AllowedBytesPerInput = 16;

    [Fact]
    public void Damaged_datagrams_from_strangers_and_in_the_members_names_cost_the_call_nothing()
    {
        using var call = new HostileCall(seed: 80);
        var node = call.Node;
        var fuzzer = new Fuzzer("worker datagrams", 20_000, [.. call.Recorded.Select(flight => flight.Datagram)]);
        // Exact repetitions come from where they came: a check is not bound to its address, so that a stranger's copy of one is a path.
        var originals = call.Recorded.Select(flight => Convert.ToHexString(flight.Datagram)).ToHashSet();
        var addresses = node.Worker.Addresses;
        long allocated = 0, inputs = 0;
        var outbox = new Outbox();
        fuzzer.Run(input =>
        {
            if (originals.Contains(Convert.ToHexString(input))) return;
            var from = fuzzer.Random.Next(3) == 0
                ? NetAddress.FromIPv4((uint)fuzzer.Random.Next(), (ushort)fuzzer.Random.Next(1024, 65536))
                : call.Peers[fuzzer.Random.Next(call.Peers.Count)].Address;
            outbox.Clear();
            var length = input.Length;
            if (Allocation.TryMeasure(() => node.Worker.Receive(node.Now, from, input, outbox), out var bytes))
            {
                allocated += bytes;
                inputs++;
            }

            Promise.Holds(outbox.UsedBytes <= 3 * length, "an unproven datagram is answered by at most three times its size");
            if (inputs % PerPause == 0) node.Run(TimeSpan.FromMilliseconds(5));
        });

        call.AssertUnharmed();
        Assert.Equal(addresses, node.Worker.Addresses);
        Assert.Equal((1, 4), (node.Counters.Rooms, node.Counters.Peers));
        Assert.True(allocated <= inputs * AllowedBytesPerInput, $"{allocated} bytes over {inputs} inputs");
        foreach (var reason in new[] { DropReason.UnknownKind, DropReason.UnknownUfrag, DropReason.UnknownAddress, DropReason.BadIntegrity, DropReason.BadAuthTag, DropReason.Malformed })
            Assert.True(node.Counters.Drops[reason] > 0, $"{reason} was counted");
        Assert.Equal(0, node.Counters.Drops[DropReason.OverQuota]);
    }

    [Fact]
    public void A_member_that_sends_anything_under_its_own_keys_costs_the_others_nothing()
    {
        using var call = new HostileCall(seed: 81);
        var node = call.Node;
        var mallory = node.JoinPublishing("mallory");
        node.Run(TimeSpan.FromSeconds(1));
        List<byte[]> corpus = [.. RtpFuzz.Corpus(), .. RtcpFuzz.Corpus(), .. PacketsOf(mallory)];
        var fuzzer = new Fuzzer("worker member", 12_000, corpus);
        var inputs = 0;
        fuzzer.Run(input =>
        {
            var isControl = input.Length > 1 && input[1] is >= 192 and <= 223;
            if (!isControl && input.Length >= 12 && fuzzer.Random.Next(4) > 0)
            {
                // Mostly its own streams, in order: what is far off ends at the first wall.
                var source = mallory.Sources[fuzzer.Random.Next(2)];
                Realtime.Media.Rtp.RtpFields.SetSsrc(input, source.Ssrc);
                Realtime.Media.Rtp.RtpFields.SetPayloadType(input, source.Codec.PayloadType);
                Realtime.Media.Rtp.RtpFields.SetSequence(input, new Realtime.Media.Rtp.SequenceNumber((ushort)inputs));
            }

            node.Act(mallory, outbox =>
            {
                if (isControl) mallory.SendRtcp(input, outbox);
                else mallory.SendRtp(input, outbox);
            });
            if (++inputs % PerPause == 0) node.Run(TimeSpan.FromMilliseconds(20));
        });
        call.AssertUnharmed();
        Assert.DoesNotContain(node.Told<PeerLeftEvent>(), left => left.Reason == LeaveReason.Fault);
    }

    [Fact]
    public void Offers_of_all_kinds_to_the_same_room_cost_the_others_nothing()
    {
        using var call = new HostileCall(seed: 82);
        var node = call.Node;
        var corpus = ChromiumOffer.Names.Select(name => Encoding.UTF8.GetBytes(ChromiumOffer.Text(name))).ToList();
        corpus.Add(Encoding.UTF8.GetBytes(call.Peers[0].Offer.ToSdp()));
        var fuzzer = new Fuzzer("worker offers", 800, corpus, maxLength: 64 << 10, isText: true);
        node.Join("mallory");
        node.OffersWhenTold = false;
        var (number, opened) = (0, 0);
        fuzzer.Run(input =>
        {
            var sdp = Encoding.UTF8.GetString(input);
            number++;
            // Five bad offers in a row keep their sender out for a while: not what is tried here.
            node.Circuits.Reset($"peer:{VirtualNode.Room}/user-mallory");
            var box = new Outbox(1 << 16, 64);
            RealtimeError? error;
            if (number % 3 != 0)
            {
                error = node.Worker.Negotiate(node.Now, new NegotiatePeerCommand($"n{number}", VirtualNode.Room, VirtualNode.Epoch, "mallory", sdp), box).Error;
            }
            else
            {
                var id = $"session-{++opened}";
                var via = number % 2 == 0 ? JoinedVia.Whip : JoinedVia.Whep;
                var command = new OpenPeerCommand(id, VirtualNode.Room, VirtualNode.Epoch, id, id, id, via, sdp, number % 5 == 0 ? "victim-0" : null);
                error = node.Worker.Open(node.Now, command, new ParticipantInfo(id, id, id, DateTimeOffset.UnixEpoch, Via: via), true, box).Error;
                node.Worker.Ice(node.Now, new IcePeerCommand($"i{id}", VirtualNode.Room, VirtualNode.Epoch, id, number % 2 == 0 ? ["x"] : null, "abcd", "abcdefghijklmnopqrstuvwx"), box);
                node.Worker.Leave(node.Now, new LeavePeerCommand($"l{id}", VirtualNode.Room, VirtualNode.Epoch, id, LeaveReason.Left), box);
            }

            Promise.Holds(error is null || error.Code is ErrorCode.Invalid or ErrorCode.TooLarge or ErrorCode.Unsupported or ErrorCode.Conflict, $"refused with {error?.Code}");
            if (number % 20 == 0)
            {
                // A new start, so that not every offer fails on what an earlier one fixed.
                node.Worker.Leave(node.Now, new LeavePeerCommand($"m{number}", VirtualNode.Room, VirtualNode.Epoch, "mallory", LeaveReason.Left), box);
                var again = new JoinPeerCommand($"j{number}", VirtualNode.Room, VirtualNode.Epoch, "mallory", "user-mallory", "mallory", true, true);
                node.Worker.Join(node.Now, again, new ParticipantInfo("mallory", "user-mallory", "mallory", DateTimeOffset.UnixEpoch), true, box);
                node.Run(TimeSpan.FromMilliseconds(20));
            }
        });
        call.AssertUnharmed();
        Assert.InRange(node.Counters.Peers, 4, 5);
    }

    static IEnumerable<byte[]> PacketsOf(TestPeer peer)
    {
        foreach (var source in peer.Sources)
        {
            for (var i = 0; i < 4; i++)
            {
                var packet = new byte[200];
                new Realtime.Media.Rtp.RtpHeaderFields(true, source.Codec.PayloadType, new((ushort)i), source.Timestamp, source.Ssrc).TryWrite(packet);
                if (source.IsVideo) TestPayloads.Write(source.Codec, packet.AsSpan(12), isKey: i == 0, isFirst: true, (ushort)i, (byte)i);
                yield return packet;
            }
        }
    }
}
