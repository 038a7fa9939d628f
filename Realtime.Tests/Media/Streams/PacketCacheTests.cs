using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class PacketCacheTests
{
    [Fact]
    public void Keeps_packets_whole_and_without_padding()
    {
        var cache = new PacketCache();
        var packet = Packet(7, 100);
        packet[0] |= 0x20;
        cache.Add(new SequenceNumber(7), Instant.Zero, packet);
        Assert.True(cache.TryGet(new SequenceNumber(7), out var kept, out _, out _));
        Assert.Equal(0x80, kept[0]);
        Assert.Equal(packet[1..], kept[1..].ToArray());
        Assert.False(cache.TryGet(new SequenceNumber(8), out _, out _, out _));
        cache.Clear();
        Assert.False(cache.TryGet(new SequenceNumber(7), out _, out _, out _));
    }

    [Fact]
    public void What_is_too_long_or_no_packet_is_not_kept()
    {
        var cache = new PacketCache();
        cache.Add(new SequenceNumber(1), Instant.Zero, new byte[cache.Capacity]);
        cache.Add(new SequenceNumber(2), Instant.Zero, new byte[RtpHeader.MinLength - 1]);
        Assert.False(cache.TryGet(new SequenceNumber(1), out _, out _, out _));
        Assert.False(cache.TryGet(new SequenceNumber(2), out _, out _, out _));
    }

    [Fact]
    public void A_fast_stream_makes_it_grow_once_and_within_the_bound()
    {
        var slow = new PacketCache();
        Fill(slow, packets: 3000, perSecond: 30);
        Assert.Equal(512 << 10, slow.Capacity);

        var fast = new PacketCache();
        Fill(fast, packets: 6000, perSecond: 1000);
        Assert.True(fast.TryGet(new SequenceNumber(6000 - 590), out _, out _, out _));
        var settled = fast.Capacity;
        Fill(fast, packets: 6000, perSecond: 1000, from: 10_000);
        Assert.Equal(settled, fast.Capacity);

        var flood = new PacketCache();
        Fill(flood, packets: 60_000, perSecond: 50_000);
        Assert.Equal(PacketCache.MaxBytes, flood.Capacity);
    }

    /// <summary>Against a dictionary: whatever is found is the right packet, and the latest are always found.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Agrees_with_a_dictionary_over_wraps_of_ring_and_numbers(ulong seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var entropy = new Entropy(seed);
        var cache = new PacketCache();
        var sent = new Dictionary<ushort, (byte[] Packet, int At)>();
        for (var i = 0; i < 100_000; i++)
        {
            // A fifth arrives as a retransmission, out of order.
            var sequence = new SequenceNumber((ushort)(60_000 + i - (entropy.NextInt32(5) == 0 ? entropy.NextInt32(20) : 0)));
            var packet = Packet(sequence.Value, 12 + entropy.NextInt32(1300), i);
            cache.Add(sequence, Instant.FromMilliseconds(i), packet);
            sent[sequence.Value] = (packet, i);
            var asked = sequence - entropy.NextInt32(400);
            if (cache.TryGet(asked, out var kept, out _, out _)) Assert.Equal(sent[asked.Value].Packet, kept);
            // The oldest of these fits even when all are of the longest sort.
            asked = sequence - entropy.NextInt32(15);
            if (sent.TryGetValue(asked.Value, out var expected) && i - expected.At < 20)
            {
                Assert.True(cache.TryGet(asked, out kept, out _, out _));
                Assert.Equal(expected.Packet, kept);
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated_once_it_has_its_size()
    {
        var cache = new PacketCache();
        Fill(cache, 6000, 600);
        var packet = Packet(1, 1200);
        var (number, now) = (0, 20_000L);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                cache.Add(new SequenceNumber((ushort)++number), Instant.FromMilliseconds(now += i % 3 == 0 ? 1 : 2), packet);
                cache.TryGet(new SequenceNumber((ushort)(number - 50)), out _, out _, out _);
            }
        }));
    }

    static void Fill(PacketCache cache, int packets, int perSecond, long from = 0)
    {
        var packet = Packet(0, 1200);
        for (var i = 1; i <= packets; i++) cache.Add(new SequenceNumber((ushort)i), Instant.FromMilliseconds(from + (1000L * i / perSecond)), packet);
    }

    static byte[] Packet(ushort sequence, int length, int stamp = 0)
    {
        var packet = new byte[length];
        new RtpHeaderFields(false, new PayloadType(96), new SequenceNumber(sequence), new RtpTimestamp((uint)stamp), new Ssrc(1)).TryWrite(packet);
        return packet;
    }
}
