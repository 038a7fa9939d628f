using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtcp;

public sealed class TransportFeedbackTests
{
    static readonly Ssrc Us = new(1), Them = new(2);

    /// <summary>Whatever the pattern of arrivals, what is written reads back: to the quarter of a millisecond.</summary>
    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var entropy = new Entropy(seed: 900);
        for (var round = 0; round < 500; round++)
        {
            var ring = new Instant[2048];
            Array.Fill(ring, Instant.Never);
            var first = 65_000L + entropy.NextInt32(100_000);
            var count = 1 + entropy.NextInt32(1500);
            var (loss, jitter) = (entropy.NextDouble(), entropy.NextInt32(3) switch { 0 => 2, 1 => 120, _ => 9000 });
            var at = 1_000_000_000_000L + entropy.NextInt32(1_000_000_000);
            for (var i = 0; i < count; i++)
            {
                at += entropy.NextInt32(jitter * 1_000_000);
                // Some arrive before those sent before them.
                var early = entropy.NextInt32(20) == 0 ? entropy.NextInt32(50_000_000) : 0;
                if (i == 0 || entropy.NextDouble() >= loss) ring[(first + i) & 2047] = new Instant(at - early);
            }

            var told = 0;
            while (told < count)
            {
                if (ring[(first + told) & 2047].IsNever)
                {
                    told++;
                    continue;
                }

                var bytes = new byte[1100];
                var writer = new RtcpWriter(bytes);
                var wrote = TransportFeedbackWriter.Write(ref writer, Us, Them, first + told, count - told, ring, feedbackCount: 7);
                Assert.InRange(wrote, 1, count - told);
                Assert.InRange(writer.Length, 20, 1000);
                Check(writer.Written, first + told, wrote, ring);
                told += wrote;
            }
        }
    }

    [Theory]
    // A run of 8 small deltas with one delta missing; a vector without any; a status chunk missing.
    [InlineData("00100008" + "00000100" + "20080101010101")]
    [InlineData("00100007" + "00000100" + "D5550000")]
    [InlineData("00100020" + "00000100" + "2008")]
    public void TooShortIsRefused(string information)
    {
        var body = Convert.FromHexString("0000000100000002" + information);
        var packet = new RtcpPacket(new RtcpHeader(RtcpPacketType.TransportFeedback, FeedbackFormat.TransportWideCc, body.Length + 4, HasPadding: false), body);
        Assert.True(TransportFeedback.TryRead(packet, out var head));
        Assert.False(TransportFeedbackStatuses.TryRead(packet, head, out _));
    }

    [Fact]
    public void AnyBytesAreReadOrRefused() => RandomInput.Check(RandomInput.Bytes(200), bytes =>
    {
        var packet = new RtcpPacket(new RtcpHeader(RtcpPacketType.TransportFeedback, FeedbackFormat.TransportWideCc, bytes.Length + 4, HasPadding: false), bytes);
        if (!TransportFeedback.TryRead(packet, out var head) || !TransportFeedbackStatuses.TryRead(packet, head, out var statuses)) return;
        var count = 0;
        while (statuses.TryNext(out _, out _)) count++;
        Assert.Equal(head.StatusCount, count);
    }, count: 5000);

    static void Check(ReadOnlySpan<byte> written, long first, int count, Instant[] ring)
    {
        Assert.True(RtcpCompound.TryRead(written, out var compound));
        foreach (var packet in compound)
        {
            Assert.True(TransportFeedback.TryRead(packet, out var head));
            Assert.Equal(((ushort)first, count, (byte)7), (head.BaseSequence.Value, head.StatusCount, head.FeedbackCount));
            Assert.True(TransportFeedbackStatuses.TryRead(packet, head, out var statuses));
            // 24 bits of 64 ms: these times fit.
            var tick = (long)head.ReferenceTime * TransportFeedback.TicksPerReference;
            for (var i = 0; i < count; i++)
            {
                Assert.True(statuses.TryNext(out var isReceived, out var delta));
                var at = ring[(first + i) & 2047];
                Assert.Equal(!at.IsNever, isReceived);
                tick += delta;
                if (isReceived) Assert.Equal(at.Nanoseconds / TransportFeedback.NanosecondsPerTick, tick);
            }

            Assert.False(statuses.TryNext(out _, out _));
        }
    }
}
