using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Congestion;

public sealed class ArrivalRecorderTests
{
    [Fact]
    public void EveryNumberIsToldAndLateOnesAgain()
    {
        var recorder = new ArrivalRecorder();
        var now = Instant.FromMilliseconds(5000);
        for (ushort i = 0; i < 10; i++)
        {
            if (i != 4) recorder.Arrived(now, new SequenceNumber((ushort)(65_530 + i)), 1000);
            now += TimeSpan.FromMilliseconds(1);
        }

        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8, 9], Told(recorder, ref now));
        Assert.True(recorder.NextDeadline.IsNever);
        recorder.Arrived(now, new SequenceNumber(unchecked((ushort)65_534)), 1000);
        Assert.Equal([4, 5, 6, 7, 8, 9], Told(recorder, ref now));
        // A copy is nothing new.
        recorder.Arrived(now, new SequenceNumber(unchecked((ushort)65_534)), 1000);
        Assert.True(recorder.NextDeadline.IsNever);
    }

    /// <summary>Never more than each 50 ms, never less than each 250, and about a twentieth of what comes.</summary>
    [Theory]
    [InlineData(4, 150, 3, 5)]
    [InlineData(50, 160, 3, 8)]
    [InlineData(140, 1150, 9, 11)]
    [InlineData(2000, 1200, 9, 11)]
    public void FeedbackIsAtMostATwentieth(int packetsPerSecond, int length, int leastPerSecond, int mostPerSecond)
    {
        var recorder = new ArrivalRecorder();
        var start = Instant.FromMilliseconds(5000);
        ushort number = 0;
        var packets = 0;
        for (var ms = 0; ms < 22_000; ms++)
        {
            var now = start + TimeSpan.FromMilliseconds(ms);
            if (ms == 2000) packets = 0;
            while (number < (long)packetsPerSecond * ms / 1000) recorder.Arrived(now, new SequenceNumber(number++), length);
            while (now >= recorder.NextDeadline)
            {
                var writer = new RtcpWriter(new byte[1100]);
                Assert.True(recorder.TryWrite(now, ref writer, new Ssrc(1), new Ssrc(2)));
                packets++;
            }
        }

        Assert.InRange(packets, leastPerSecond * 20, mostPerSecond * 20);
    }

    [Fact]
    public void AnyNumbersAreTaken()
    {
        var entropy = new Entropy(seed: 901);
        var recorder = new ArrivalRecorder();
        var now = Instant.FromMilliseconds(5000);
        var number = 0;
        for (var i = 0; i < 50_000; i++)
        {
            number += entropy.NextInt32(10) switch { 0 => entropy.NextInt32(65_536), 1 => -entropy.NextInt32(600), _ => entropy.NextInt32(3) };
            recorder.Arrived(now, new SequenceNumber((ushort)number), 100);
            now += TimeSpan.FromMilliseconds(entropy.NextInt32(200) == 0 ? 20_000 : entropy.NextInt32(2));
            if (entropy.NextInt32(20) == 0) Told(recorder, ref now);
        }
    }

    [Fact]
    public void OnceStartedItAllocatesNothing()
    {
        var recorder = new ArrivalRecorder();
        var now = Instant.FromMilliseconds(5000);
        ushort number = 0;
        var bytes = new byte[1100];
        recorder.Arrived(now, new SequenceNumber(number++), 1200);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                recorder.Arrived(now, new SequenceNumber(number++), 1200);
                now += TimeSpan.FromMilliseconds(3);
                var writer = new RtcpWriter(bytes);
                if (now >= recorder.NextDeadline) recorder.TryWrite(now, ref writer, new Ssrc(1), new Ssrc(2));
            }
        }));
    }

    /// <summary>Distances from 65530 of the numbers told as received.</summary>
    static int[] Told(ArrivalRecorder recorder, ref Instant now)
    {
        now += TimeSpan.FromSeconds(1);
        var told = new List<int>();
        while (now >= recorder.NextDeadline)
        {
            var writer = new RtcpWriter(new byte[1100]);
            if (!recorder.TryWrite(now, ref writer, new Ssrc(1), new Ssrc(2))) break;
            Assert.True(RtcpCompound.TryRead(writer.Written, out var compound));
            foreach (var packet in compound)
            {
                Assert.True(TransportFeedback.TryRead(packet, out var head));
                Assert.True(TransportFeedbackStatuses.TryRead(packet, head, out var statuses));
                for (var i = 0; statuses.TryNext(out var isReceived, out _); i++)
                {
                    if (isReceived) told.Add((ushort)(head.BaseSequence.Value + i - 65_530));
                }
            }
        }

        return [.. told];
    }
}
