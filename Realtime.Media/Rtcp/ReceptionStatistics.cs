using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rtcp;

/// <summary>
/// What goes into the report block of one source (RFC 3550 appendix A.1, A.3, A.8). Single-threaded; one per SSRC. Unlike A.1 there is no
/// probation: the packet has passed SRTP authentication, so the source is real from its first packet.
/// </summary>
/// <param name="clockRate">Of the codec, in Hz.</param>
public sealed class ReceptionStatistics(Ssrc ssrc, int clockRate)
{
    /// <summary>A.1 MAX_DROPOUT: a forward jump this large is a restart only when the next packet confirms it.</summary>
    const int MaxDropout = 3000;
    /// <summary>A.1 MAX_MISORDER.</summary>
    const int MaxMisorder = 100;
    const int NoSequence = -1;

    long first;
    long highest;
    long received;
    long expectedAtReport;
    long receivedAtReport;
    int restartCandidate = NoSequence;
    uint transit;
    bool hasTransit;
    RtpTimestamp lastTimestamp;
    // Scaled by 16, as in A.8.
    uint jitter;
    uint lastSenderReport;
    Instant lastSenderReportAt;

    public Ssrc Ssrc => ssrc;

    public long Received => received;

    /// <summary>Since the source started or restarted.</summary>
    public long Expected => received == 0 ? 0 : highest - first + 1;

    /// <summary>Negative when duplicates outnumber losses.</summary>
    public long Lost => Expected - received;

    /// <summary>How often the source began anew in mid-stream.</summary>
    public int Restarts { get; private set; }

    /// <summary>In units of the clock.</summary>
    public uint Jitter => jitter >> 4;

    /// <summary>Counts one packet. False when its number is a jump not yet confirmed: counted, but not believed.</summary>
    public bool Add(SequenceNumber sequence, RtpTimestamp timestamp, Instant now)
    {
        if (received == 0)
        {
            Start(sequence);
        }
        else
        {
            var distance = sequence.DistanceFrom(new SequenceNumber((ushort)highest));
            if (distance is >= MaxDropout or < -MaxMisorder)
            {
                if (restartCandidate != sequence.Value)
                {
                    restartCandidate = sequence.Next.Value;
                    return false;
                }

                // Two in a row: the source restarted, or many packets were lost.
                Restarts++;
                Start(sequence);
            }
            else if (distance > 0)
            {
                highest += distance;
            }

            restartCandidate = NoSequence;
        }

        received++;
        UpdateJitter(timestamp, now);
        return true;
    }

    /// <summary>Counts a packet that was known to be missing, however late.</summary>
    public void AddLate() => received++;

    /// <summary>Remembers a sender report of this source, to be echoed.</summary>
    public void SenderReportArrived(NtpTime ntp, Instant now)
    {
        lastSenderReport = ntp.Middle;
        lastSenderReportAt = now;
    }

    /// <summary>The block for the next report; the fraction lost counts from the last call on.</summary>
    public ReportBlock TakeReport(Instant now)
    {
        var expected = Expected - expectedAtReport;
        var lost = expected - (received - receivedAtReport);
        expectedAtReport = Expected;
        receivedAtReport = received;
        var fraction = expected <= 0 || lost <= 0 ? 0 : Math.Min(255, (lost << 8) / expected);
        return new ReportBlock(
            ssrc,
            (byte)fraction,
            (int)Math.Clamp(Lost, -0x80_0000, 0x7F_FFFF),
            (uint)highest,
            Jitter,
            lastSenderReport,
            lastSenderReport == 0 ? 0 : NtpTime.ToMiddle(now - lastSenderReportAt));
    }

    void Start(SequenceNumber sequence)
    {
        first = highest = sequence.Value;
        received = expectedAtReport = receivedAtReport = 0;
        restartCandidate = NoSequence;
        hasTransit = false;
    }

    void UpdateJitter(RtpTimestamp timestamp, Instant now)
    {
        // Packets of one frame share a timestamp and are paced out by the sender: they would measure its pacer, not the network.
        if (hasTransit && timestamp == lastTimestamp) return;
        var arrival = (uint)(long)((Int128)now.Nanoseconds * clockRate / 1_000_000_000);
        var current = arrival - timestamp.Value;
        if (hasTransit)
        {
            var difference = (uint)Math.Abs((long)(int)(current - transit));
            jitter += difference - ((jitter + 8) >> 4);
        }

        transit = current;
        hasTransit = true;
        lastTimestamp = timestamp;
    }
}
