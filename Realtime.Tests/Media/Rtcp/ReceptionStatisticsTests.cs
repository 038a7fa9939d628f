using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtcp;

public class ReceptionStatisticsTests
{
    const int ClockRate = 48_000;
    static readonly Ssrc Source = new(42);

    static void Feed(ReceptionStatistics statistics, params int[] sequences)
    {
        foreach (var sequence in sequences)
        {
            statistics.Add(new SequenceNumber((ushort)sequence), new RtpTimestamp((uint)(sequence * 960)), Instant.FromMilliseconds(sequence * 20));
        }
    }

    [Fact]
    public void FractionCountsFromTheLastReport()
    {
        var statistics = new ReceptionStatistics(Source, ClockRate);
        Feed(statistics, 1, 2, 4, 5, 6, 7, 9, 10);
        var report = statistics.TakeReport(Instant.Zero);
        Assert.Equal((256 * 2 / 10, 2, 10u), (report.FractionLost, report.CumulativeLost, report.ExtendedHighestSequence));

        Feed(statistics, 11, 12, 13, 14);
        report = statistics.TakeReport(Instant.Zero);
        Assert.Equal((0, 2), (report.FractionLost, report.CumulativeLost));

        // A late one arrives after all, and once more: the total falls, the fraction cannot be negative.
        Feed(statistics, 8, 8, 8, 15);
        report = statistics.TakeReport(Instant.Zero);
        Assert.Equal((0, -1), (report.FractionLost, report.CumulativeLost));
    }

    [Fact]
    public void ExtendsThroughTheWrap()
    {
        var statistics = new ReceptionStatistics(Source, ClockRate);
        Feed(statistics, 65534, 65535, 0, 2, 1);
        var report = statistics.TakeReport(Instant.Zero);
        Assert.Equal((0x10002u, 0), (report.ExtendedHighestSequence, report.CumulativeLost));
        Assert.Equal(5, statistics.Expected);
    }

    [Fact]
    public void AJumpIsBelievedWhenTheNextPacketConfirmsIt()
    {
        var statistics = new ReceptionStatistics(Source, ClockRate);
        Feed(statistics, 1, 2, 3);
        Assert.False(statistics.Add(new SequenceNumber(30_000), default, Instant.Zero));
        Feed(statistics, 4);
        Assert.Equal((4, 4), (statistics.Received, statistics.Expected));

        Assert.False(statistics.Add(new SequenceNumber(30_000), default, Instant.Zero));
        Assert.True(statistics.Add(new SequenceNumber(30_001), default, Instant.Zero));
        Assert.Equal((1, 1, 0), (statistics.Received, statistics.Expected, statistics.Lost));
    }

    /// <summary>A.8 by hand: transit differences of 0, 480, 480 (10 ms at 48 kHz) give 30, then 58.</summary>
    [Fact]
    public void JitterFollowsTheRfc()
    {
        var statistics = new ReceptionStatistics(Source, ClockRate);
        statistics.Add(new SequenceNumber(1), new RtpTimestamp(0), Instant.FromMilliseconds(1000));
        statistics.Add(new SequenceNumber(2), new RtpTimestamp(960), Instant.FromMilliseconds(1020));
        Assert.Equal(0u, statistics.Jitter);
        statistics.Add(new SequenceNumber(3), new RtpTimestamp(1920), Instant.FromMilliseconds(1050));
        Assert.Equal(30u, statistics.Jitter);
        statistics.Add(new SequenceNumber(4), new RtpTimestamp(2880), Instant.FromMilliseconds(1060));
        Assert.Equal(58u, statistics.Jitter);
        // The second packet of the same frame says nothing about the network.
        statistics.Add(new SequenceNumber(5), new RtpTimestamp(2880), Instant.FromMilliseconds(1090));
        Assert.Equal(58u, statistics.Jitter);
    }

    [Fact]
    public void EchoesTheSenderReportAndGivesARoundTrip()
    {
        var statistics = new ReceptionStatistics(Source, ClockRate);
        Feed(statistics, 1);
        Assert.Equal((0u, 0u), (statistics.TakeReport(Instant.Zero).LastSenderReport, statistics.TakeReport(Instant.Zero).DelaySinceLastSenderReport));

        var sentAt = Instant.FromMilliseconds(100_000);
        var ntp = NtpTime.At(sentAt);
        Assert.Equal(100u << 16, ntp.Middle);
        statistics.SenderReportArrived(ntp, Instant.FromMilliseconds(5_000));
        var report = statistics.TakeReport(Instant.FromMilliseconds(5_500));
        Assert.Equal((100u << 16, 0x8000u), (report.LastSenderReport, report.DelaySinceLastSenderReport));
        Assert.Equal(TimeSpan.FromMilliseconds(250), report.RoundTrip(NtpTime.At(sentAt + TimeSpan.FromMilliseconds(750))));
        Assert.Null(report.RoundTrip(NtpTime.At(sentAt)));
        Assert.Null(default(ReportBlock).RoundTrip(ntp));
    }

    [Fact]
    public void CountingAllocatesNothing()
    {
        var statistics = new ReceptionStatistics(Source, ClockRate);
        Feed(statistics, 1, 2);
        var i = 3;
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var end = i + 5000; i < end; i++) statistics.Add(new SequenceNumber((ushort)i), new RtpTimestamp((uint)i * 960), Instant.FromMilliseconds(i * 20));
            statistics.TakeReport(Instant.Zero);
        }));
    }
}
