using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Media.Streams;

/// <summary>What one publisher sends in one section: statistics for its receiver reports, its clock, and the key frames asked of it.</summary>
public sealed class ReceiveStream(SectionKind kind, Codec codec, SenderClock clock)
{
    public const int NotRouted = -1;

    readonly bool isVp8 = codec.Is("VP8");
    ReceptionStatistics? statistics;
    NtpTime reportedNtp;
    RtpTimestamp reportedTimestamp;
    Instant reportedAt;
    bool hasReport;

    /// <summary>Merged wishes of its subscribers.</summary>
    public KeyframeRequests Keyframes = new();

    public SectionKind Kind { get; } = kind;

    /// <summary>The codec answered to the publisher, under its payload type.</summary>
    public Codec Codec { get; } = codec;

    /// <summary>Null before the first packet.</summary>
    public Ssrc? Ssrc => statistics?.Ssrc;

    /// <summary>Rises when another SSRC takes over: sequence and timestamps have nothing to do with those before.</summary>
    public int Generation { get; private set; }

    /// <summary>The owner's row for this stream, or <see cref="NotRouted"/>.</summary>
    public int Route { get; set; } = NotRouted;

    public long PacketsReceived => statistics?.Received ?? 0;

    /// <summary>From now on this SSRC is the stream.</summary>
    public void Latch(Ssrc ssrc)
    {
        if (statistics?.Ssrc == ssrc) return;
        statistics = new ReceptionStatistics(ssrc, Codec.ClockRate);
        hasReport = false;
        Generation++;
    }

    /// <summary>Counts one packet and looks where a decoder could start. False for a sequence jump that no second packet confirmed.</summary>
    public bool TryAccept(Instant now, in RtpHeader header, ReadOnlySpan<byte> packet, out Vp8Descriptor vp8, out bool startsDecoding)
    {
        vp8 = default;
        startsDecoding = Kind == SectionKind.Audio;
        if (!statistics!.Add(header.Sequence, header.Timestamp, now)) return false;
        if (isVp8 && Vp8Descriptor.TryRead(header.Payload(packet), out vp8)) startsDecoding = vp8.IsKeyFrame;
        if (Kind == SectionKind.Video) Keyframes.PacketArrived(now, startsDecoding);
        return true;
    }

    public void SenderReportArrived(Instant now, in SenderInfo info)
    {
        statistics?.SenderReportArrived(info.Ntp, now);
        reportedNtp = clock.ToOurs(info.Ntp, now);
        reportedTimestamp = info.Timestamp;
        reportedAt = now;
        hasReport = true;
    }

    /// <summary>The source's time line now, by its last report. False before the first one.</summary>
    public bool TryProject(Instant now, out NtpTime ntp, out RtpTimestamp timestamp)
    {
        var elapsed = now - reportedAt;
        ntp = new NtpTime(reportedNtp.Value + ((ulong)NtpTime.ToMiddle(elapsed) << 16));
        timestamp = reportedTimestamp + (long)(elapsed.TotalSeconds * Codec.ClockRate);
        return hasReport;
    }

    /// <summary>False when nothing was received: there is nothing to report.</summary>
    public bool TryTakeReport(Instant now, out ReportBlock block)
    {
        block = PacketsReceived == 0 ? default : statistics!.TakeReport(now);
        return PacketsReceived > 0;
    }
}
